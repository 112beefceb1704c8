-- Carriers change ports by themselves. Ports are read back by a schedule, and every difference between what a port is meant
-- to have and what it was seen with is kept, with when it began, until it ends.

-- When the schedule last saw to the port; never yet is when the port was added.
alter table port add column checked_at timestamptz;
create index port_to_check on port (reseller_id, carrier_id, (coalesce(checked_at, created_at))) where state = 'active';
grant update (checked_at) on port to app_reseller;

-- Facts: another speed seen or meant ends the row and begins the next.
create table drift (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    port_id uuid not null,
    state text not null,
    intended_mbps integer not null,
    observed_mbps integer not null,
    -- Since when it is so, and who says that: the carrier, the read-back that showed it, or the plan, whose speed it had been.
    since timestamptz not null,
    since_basis text not null,
    -- When a read-back last showed it before the row was made.
    seen_at timestamptz not null,
    -- What a correction waits for: the order, then the read-back after it.
    operation_id uuid,
    -- What came of the last correction that did not help.
    note text,
    ended_at timestamptz,
    outcome text,
    -- Who adopted or corrected it.
    settled_by_kind text,
    settled_by uuid,
    constraint drift_pkey primary key (reseller_id, id),
    constraint drift_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint drift_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint drift_operation foreign key (reseller_id, tenant_id, operation_id)
        references operation (reseller_id, tenant_id, id),
    constraint drift_state check (state in ('open', 'correcting', 'ended')),
    constraint drift_differs check (intended_mbps <> observed_mbps),
    constraint drift_mbps check (intended_mbps >= 0 and observed_mbps >= 0),
    constraint drift_since_basis check (since_basis in ('carrier', 'observation', 'plan')),
    constraint drift_outcome check (outcome in ('gone', 'changed', 'adopted', 'corrected', 'port_closed')),
    constraint drift_ended check (num_nulls(ended_at, outcome) in (0, 2) and ended_at >= since),
    constraint drift_settled check (num_nulls(settled_by_kind, settled_by) in (0, 2))
);
-- One that is not over for each port.
create unique index drift_once on drift (reseller_id, port_id) where state <> 'ended';
create index drift_of_port on drift (tenant_id, port_id, since);
create index drift_of_resellers_port on drift (reseller_id, port_id, id);
create index drift_listed on drift (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('drift', 'open', 'correcting'),
    ('drift', 'open', 'ended'),
    ('drift', 'correcting', 'open'),
    ('drift', 'correcting', 'ended');
create trigger drift_transition before update on drift for each row execute function tenancy.check_transition();
call tenancy.declare('drift', 'own',
    customer => 'select, insert, update (state, operation_id, note, ended_at, outcome, settled_by_kind, settled_by)',
    reseller => 'select, insert, update (state, operation_id, note, ended_at, outcome, settled_by_kind, settled_by)');

alter table alert drop constraint alert_kind;
alter table alert add constraint alert_kind
    check (kind in ('return_leg', 'operation', 'activation', 'carrier', 'drift'));

-- The carriers that are there already begin now. Forced row-level security binds the owner too.
alter table carrier no force row level security;
alter table job no force row level security;
insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at)
select reseller_id, reseller_id, gen_random_uuid(), 'reconcile_carrier', id, 'system', id, created_at
from carrier;
alter table carrier force row level security;
alter table job force row level security;
