//! Ending an operation: its end, what follows from it for the port, and the audit event, together or not at all.

use serde_json::json;

use super::{Cause, End, Kind, Operation, Reason, State, store, told};
use crate::{
    alerts,
    app::App,
    audit,
    carriers::inventory,
    crash::{self, Point},
    db::WriteTx,
    fault::Result,
    ports,
};

/// Stores the end in a transaction that nobody else can end the operation in, and keeps it.
pub(super) async fn end(app: &App, mut tx: WriteTx, operation: Operation, end: End) -> Result<()> {
    crash::point(Point::Ending);
    let operation = conclude(app, &mut tx, operation, &end).await?;
    call_somebody(&mut tx, &operation).await?;
    crash::point(Point::Settling);
    tx.commit(event(&operation)).await?;
    crash::point(Point::Settled);
    Ok(())
}

/// Stores the end and what follows from it. Returns the operation as it ended.
pub(super) async fn conclude(
    app: &App,
    tx: &mut WriteTx,
    mut operation: Operation,
    end: &End,
) -> Result<Operation> {
    // The state machine knows no way from waiting to done but through running.
    store::resume(tx, operation.id).await?;
    operation.state = State::Running;
    operation.wake_at = None;
    operation.ended_at = Some(tx.now());
    match end {
        End::Done(outcome) => {
            operation.state = operation.state.become_(State::Done)?;
            operation.outcome = Some(told::shown(outcome));
        }
        End::GivenUp(Reason { text, .. }) => {
            operation.state = operation.state.become_(State::GivenUp)?;
            operation.attention = Some(text.clone());
        }
    }
    store::end(tx, &operation).await?;
    match operation.kind {
        Kind::ListPorts => inventory::listed(tx, &operation, end).await?,
        _ => ports::settled(app, tx, &operation, end).await?,
    }
    tracing::info!(
        operation = %operation.id, kind = operation.kind.name(), state = operation.state.name(),
        attention = operation.attention, "operation ended"
    );
    Ok(operation)
}

/// What was given up needs a person. Of a return leg its own alert tells.
async fn call_somebody(tx: &mut WriteTx, operation: &Operation) -> Result<()> {
    let Some(why) = &operation.attention else {
        return Ok(());
    };
    if matches!(operation.cause, Cause::Return(_)) {
        return Ok(());
    }
    let subject = alerts::Subject::Operation(operation.id.uuid());
    let text = format!("{} was given up: {why}", operation.kind.name());
    Box::pin(alerts::raise(
        tx,
        operation.tenant,
        subject,
        operation.port,
        &text,
    ))
    .await?;
    Ok(())
}

fn event(operation: &Operation) -> audit::Event {
    let action = match operation.state {
        State::GivenUp => "operation.give_up",
        State::Running | State::Waiting | State::Done => "operation.finish",
    };
    let detail = json!({
        "kind": operation.kind.name(),
        "port": operation.port.map(|id| id.uuid()),
        "outcome": operation.outcome,
        "attention": operation.attention,
    });
    audit::Event::done(action, operation.id.uuid(), detail)
}
