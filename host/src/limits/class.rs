//! Which class of components a reseller's plan has. What was uploaded while it had more stays what it is.

use nexusport_sandbox::Class;

use super::{Limit, store};
use crate::{
    app::App,
    db::{Scope, Tx as _},
    fault::{Fault, Result},
    identity::{Caller, Purpose},
};

/// Refuses a component of a class that the reseller's plan has not.
pub async fn admit_class(app: &App, caller: &Caller, class: Class) -> Result<()> {
    let needed = match class {
        Class::Light => return Ok(()),
        Class::Heavy => 2,
    };
    let mut tx = app.db.house(&caller.for_house(Purpose::Limits)).await?;
    let reseller = tx.scope().reseller();
    let house = Scope::new(reseller, reseller);
    let grounds = store::grounds(tx.conn(), house).await?;
    let allowed = grounds.effective(house, Limit::PluginClass).value;
    if allowed >= needed {
        return Ok(());
    }
    let (limit, class) = (Limit::PluginClass.name(), class.name());
    let message = format!("a component of the class {class} needs {limit} {needed}, the limit is {allowed}");
    Err(Fault::conflict("limit_reached", message))
}
