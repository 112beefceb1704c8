//! An archive in a file, for the operator who moves a tenant to another platform.

use std::{io::Write as _, path::Path};

use super::{
    make::{self, Sink},
    manifest::Manifest,
};
use crate::{
    app::App,
    fault::{Fault, Result},
    identity::moving,
    ids::TenantId,
};

struct File(std::fs::File);

impl Sink for File {
    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        Ok(self.0.write_all(bytes)?)
    }
}

/// Writes the archive of a tenant to a new file, and notes in the tenant's trail that the operator did.
pub async fn to_file(app: &App, tenant: TenantId, path: &Path) -> Result<Manifest> {
    let mover = moving::take_away(app, tenant).await?;
    let file = std::fs::File::create_new(path)
        .map_err(|error| Fault::invalid("file_not_made", format!("{}: {error}", path.display())))?;
    let whole = app.db.whole_to_move(&mover).await?;
    let manifest = make::make(app, whole, app.now(), &mut File(file)).await?;
    mover.took_away(app).await?;
    Ok(manifest)
}
