//! The other reseller and the sibling customer try everything that was made.

use crate::{
    demo::{
        isolation::{self, Isolation, Side},
        narrator::Narrator,
        stage::Stage,
    },
    identity::entrance,
};

use super::Cast;

/// The other reseller and the sibling customer try everything; then every table is looked at without a filter.
pub(super) async fn try_everything(stage: &Stage, cast: &Cast, tell: &Narrator) -> anyhow::Result<Isolation> {
    let operations = isolation::operations(&stage.anybody()?.get("/openapi.json").await?);
    let mut found = Isolation::default();
    let (northlight, alpine) = (&cast.northlight.reseller, &cast.alpine.caller);
    let (mut house_ids, house_asked) = {
        let memory = northlight.memory();
        (memory.ids.clone(), memory.asked.clone())
    };
    let (customer_ids, customer_asked) = {
        let memory = alpine.memory();
        (memory.ids.clone(), memory.asked.clone())
    };
    house_ids.extend(&customer_ids);
    let house = Side {
        owner: northlight,
        ids: &house_ids,
        asked: &house_asked,
    };
    found.add(isolation::probe(&operations, &house, &cast.harbour.reseller).await?);
    // What a customer has of its own; its reseller's id and what the sibling shares with it are no secret between them.
    let shared = isolation::known_to(&operations, &cast.danube.caller).await?;
    let own = customer_ids.difference(&shared).copied().collect();
    let customer = Side {
        owner: alpine,
        ids: &own,
        asked: &customer_asked,
    };
    found.add(isolation::probe(&operations, &customer, &cast.danube.caller).await?);
    for key in [
        &cast.northlight.key,
        &cast.alpine.key,
        &cast.danube.key,
        &cast.harbour.key,
        &cast.thames.key,
    ] {
        let caller = entrance::authenticate(&stage.app, key)
            .await
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        let fence = stage
            .app
            .db
            .fence(&caller)
            .await
            .map_err(|fault| anyhow::anyhow!("{fault}"))?;
        found.probes += fence.tables;
        found.leaks.extend(
            fence
                .leaks
                .into_iter()
                .map(|(table, rows)| format!("{rows} rows of others in {table}")),
        );
    }
    tell.step(
        "strangers",
        &format!(
            "try {} times to reach what is not theirs: {} leaks",
            found.probes,
            found.leaks.len()
        ),
    );
    Ok(found)
}
