//! What a person does about an operation: has one taken up again that was given up, or gives one up that goes on.

use serde_json::json;

use super::{Cause, End, Operation, State, journal::Journal, rules, settle, store};
use crate::{
    alerts::{self, Subject},
    app::App,
    audit,
    db::WriteTx,
    fault::{Fault, Result},
    identity::{Caller, Permission},
    ids::OperationId,
    jobs, ports,
};

/// Takes an operation up again that was given up. Its last request is repeated once, if the rules let it be; then its adapter is
/// asked, with the journal as it is: what could not be sent without proof before cannot be now.
pub async fn retry(app: &App, caller: &Caller, id: OperationId) -> Result<Operation> {
    let mut tx = app.db.write(caller, Permission::WorkRepair).await?;
    let operation = take_up(&mut tx, id).await?;
    let detail = json!({ "kind": operation.kind.name(), "attention": operation.attention });
    tx.commit(audit::Event::done("operation.retry", id.uuid(), detail))
        .await?;
    Ok(Operation {
        state: State::Running,
        attention: None,
        ended_at: None,
        ..operation
    })
}

/// [`retry`] in the caller's transaction. Returns the operation as it was.
pub async fn take_up(tx: &mut WriteTx, id: OperationId) -> Result<Operation> {
    let operation = store::repair::lock(tx, id).await?;
    if operation.state != State::GivenUp {
        return Err(forbidden(&operation, "taken up again"));
    }
    ports::asked_again(tx, &operation).await?;
    store::repair::take_up(tx, id).await?;
    alerts::resolve(tx, Subject::Operation(id.uuid())).await?;
    let (now, kind) = (tx.now(), jobs::Kind::RunOperation(id));
    jobs::enqueue_at(tx, operation.carrier, operation.tenant, kind, now).await?;
    Ok(operation)
}

/// Gives an operation up that goes on. Nothing is sent for it any more; what was sent may still be carried out, and then a look at
/// the port tells. A return leg's is refused: a port would stay up.
pub async fn cancel(app: &App, caller: &Caller, id: OperationId) -> Result<Operation> {
    let mut tx = app.db.write(caller, Permission::WorkRepair).await?;
    let operation = store::repair::lock(&mut tx, id).await?;
    if operation.state.is_over() {
        return Err(forbidden(&operation, "cancelled"));
    }
    if matches!(operation.cause, Cause::Return(_)) {
        let message = "the operation brings a port back down, which is not cancelled";
        return Err(Fault::conflict("return_leg", message));
    }
    let key = app.vault.key(&mut tx, operation.tenant).await?;
    let journal = Journal::load(&mut tx, &operation, &key).await?;
    let reason = rules::reason(&journal.slots(), "cancelled by hand".into());
    let detail = json!({ "kind": operation.kind.name(), "may_have_happened": reason.may_have_happened });
    let ended = settle::conclude(app, &mut tx, operation, &End::GivenUp(reason)).await?;
    tx.commit(audit::Event::done("operation.cancel", id.uuid(), detail))
        .await?;
    Ok(ended)
}

fn forbidden(operation: &Operation, done: &str) -> Fault {
    let message = format!("an operation that is {} cannot be {done}", operation.state.name());
    Fault::conflict("state_forbids", message)
}
