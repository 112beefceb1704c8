-- Ports, what was asked of them, what carriers were asked and answered, and what was seen.

create table port (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    carrier_id uuid not null,
    -- The carrier's own name for it.
    reference text not null,
    carrier_data bytea not null default '',
    state text not null default 'active',
    created_at timestamptz not null,
    constraint port_pkey primary key (reseller_id, id),
    constraint port_of_tenant unique (reseller_id, tenant_id, id),
    constraint port_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint port_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint port_name_unique unique (tenant_id, name),
    constraint port_reference_unique unique (reseller_id, carrier_id, reference),
    constraint port_state check (state in ('active', 'closed')),
    constraint port_carrier_data check (octet_length(carrier_data) <= 16384)
);
create index port_listed on port (tenant_id, id);
insert into transition values ('port', 'active', 'closed');
create trigger port_transition before update on port for each row execute function tenancy.check_transition();
call tenancy.declare('port', 'own',
    customer => 'select, update (carrier_data)', reseller => 'select, insert, update (state, carrier_data)');

create table quote (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    port_id uuid not null,
    kind text not null,
    mbps integer not null,
    starts_at timestamptz not null,
    ends_at timestamptz,
    currency text not null,
    -- What the change adds to the periods it touches, rounded once to the minor unit.
    amount numeric(24, 9) not null,
    -- For a base change: what it adds to each whole period from then on.
    recurring numeric(24, 9),
    lines jsonb not null,
    digest text not null,
    settings jsonb not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    constraint quote_pkey primary key (reseller_id, id),
    constraint quote_of_tenant unique (reseller_id, tenant_id, id),
    constraint quote_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint quote_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint quote_kind check (kind in ('base', 'window')),
    constraint quote_ends check ((kind = 'window') = (ends_at is not null) and (ends_at is null or ends_at > starts_at))
);
create index quote_of_port on quote (tenant_id, port_id, created_at desc);
call tenancy.declare('quote', 'own', customer => 'select, insert', reseller => 'select, insert');

create table bandwidth_change (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    port_id uuid not null,
    quote_id uuid not null,
    kind text not null,
    mbps integer not null,
    starts_at timestamptz not null,
    ends_at timestamptz,
    state text not null,
    -- Why it was rejected, failed or cannot be told.
    reason text,
    -- Who asked: work accepted now is done later in their name.
    initiated_by_kind text not null,
    initiated_by uuid not null,
    created_at timestamptz not null,
    constraint bandwidth_change_pkey primary key (reseller_id, id),
    constraint bandwidth_change_of_tenant unique (reseller_id, tenant_id, id),
    constraint bandwidth_change_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint bandwidth_change_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint bandwidth_change_quote foreign key (reseller_id, tenant_id, quote_id) references quote (reseller_id, tenant_id, id),
    constraint bandwidth_change_quote_once unique (reseller_id, quote_id),
    constraint bandwidth_change_kind check (kind in ('base', 'window')),
    constraint bandwidth_change_mbps check (mbps >= 0),
    constraint bandwidth_change_ends check ((kind = 'window') = (ends_at is not null) and (ends_at is null or ends_at > starts_at)),
    constraint bandwidth_change_state check (state in (
        'draft', 'quoted', 'awaiting_approval', 'scheduled', 'applying', 'applied', 'verified',
        'rejected', 'cancelled', 'expired', 'failed', 'indeterminate', 'reverted')),
    -- Windows on one port never overlap while they may still take effect.
    constraint bandwidth_change_no_overlap exclude using gist (
        reseller_id with =, port_id with =, tstzrange(starts_at, ends_at) with &&)
        where (kind = 'window' and state not in ('rejected', 'cancelled', 'expired', 'failed', 'reverted')),
    -- Two permanent changes cannot begin at the same instant.
    constraint bandwidth_change_base_once exclude using gist (
        reseller_id with =, port_id with =, starts_at with =)
        where (kind = 'base' and state not in ('rejected', 'cancelled', 'expired', 'failed', 'reverted'))
);
create index bandwidth_change_of_port on bandwidth_change (tenant_id, port_id, starts_at);
insert into transition (machine, from_state, to_state) values
    ('bandwidth_change', 'draft', 'quoted'),
    ('bandwidth_change', 'quoted', 'awaiting_approval'),
    ('bandwidth_change', 'quoted', 'scheduled'),
    ('bandwidth_change', 'quoted', 'expired'),
    ('bandwidth_change', 'awaiting_approval', 'scheduled'),
    ('bandwidth_change', 'awaiting_approval', 'rejected'),
    ('bandwidth_change', 'awaiting_approval', 'cancelled'),
    ('bandwidth_change', 'awaiting_approval', 'expired'),
    ('bandwidth_change', 'scheduled', 'applying'),
    ('bandwidth_change', 'scheduled', 'cancelled'),
    ('bandwidth_change', 'applying', 'applied'),
    ('bandwidth_change', 'applying', 'rejected'),
    ('bandwidth_change', 'applying', 'failed'),
    ('bandwidth_change', 'applying', 'indeterminate'),
    ('bandwidth_change', 'applied', 'verified'),
    ('bandwidth_change', 'applied', 'indeterminate'),
    ('bandwidth_change', 'indeterminate', 'applied'),
    ('bandwidth_change', 'indeterminate', 'verified'),
    ('bandwidth_change', 'indeterminate', 'failed'),
    ('bandwidth_change', 'verified', 'reverted');
create trigger bandwidth_change_transition before update on bandwidth_change
    for each row execute function tenancy.check_transition();
call tenancy.declare('bandwidth_change', 'own',
    customer => 'select, insert, update (state, reason)', reseller => 'select, insert, update (state, reason)');

-- A port's permanent speed over time.
create table port_base (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    port_id uuid not null,
    mbps integer not null,
    effective_at timestamptz not null,
    -- Null for the speed the port came with.
    change_id uuid,
    constraint port_base_pkey primary key (reseller_id, id),
    constraint port_base_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint port_base_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint port_base_change foreign key (reseller_id, tenant_id, change_id)
        references bandwidth_change (reseller_id, tenant_id, id),
    constraint port_base_at_once unique (reseller_id, port_id, effective_at)
);
create index port_base_of_port on port_base (tenant_id, port_id, effective_at desc);
call tenancy.declare('port_base', 'own', customer => 'select, insert', reseller => 'select, insert');

-- What ends a window, reserved with it. Its target is computed when it is due.
create table return_leg (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    change_id uuid not null,
    port_id uuid not null,
    due_at timestamptz not null,
    target_mbps integer,
    state text not null,
    reason text,
    constraint return_leg_pkey primary key (reseller_id, id),
    constraint return_leg_of_tenant unique (reseller_id, tenant_id, id),
    constraint return_leg_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint return_leg_change foreign key (reseller_id, tenant_id, change_id)
        references bandwidth_change (reseller_id, tenant_id, id),
    constraint return_leg_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint return_leg_once unique (reseller_id, change_id),
    -- released: the window never took effect; passed_on: the next window starts where this one ends.
    constraint return_leg_state check (state in (
        'reserved', 'applying', 'applied', 'verified', 'failed', 'indeterminate', 'released', 'passed_on'))
);
create index return_leg_of_port on return_leg (tenant_id, port_id, due_at);
insert into transition (machine, from_state, to_state) values
    ('return_leg', 'reserved', 'applying'),
    ('return_leg', 'reserved', 'released'),
    ('return_leg', 'reserved', 'passed_on'),
    ('return_leg', 'applying', 'applied'),
    ('return_leg', 'applying', 'failed'),
    ('return_leg', 'applying', 'indeterminate'),
    ('return_leg', 'applied', 'verified'),
    ('return_leg', 'applied', 'indeterminate'),
    ('return_leg', 'indeterminate', 'applied'),
    ('return_leg', 'indeterminate', 'verified'),
    ('return_leg', 'failed', 'applying'),
    ('return_leg', 'indeterminate', 'applying'),
    ('return_leg', 'failed', 'passed_on'),
    ('return_leg', 'indeterminate', 'passed_on');
create trigger return_leg_transition before update on return_leg
    for each row execute function tenancy.check_transition();
call tenancy.declare('return_leg', 'own',
    customer => 'select, insert, update (state, reason, target_mbps)',
    reseller => 'select, insert, update (state, reason, target_mbps)');

-- One thing asked of a carrier, pinned to the release, settings and destinations it began with.
create table operation (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    carrier_id uuid not null,
    port_id uuid,
    change_id uuid,
    return_leg_id uuid,
    release_id uuid not null,
    settings jsonb not null,
    -- Handle to base URL.
    destinations jsonb not null,
    -- The port as the adapter is told of it: every run over the journal must be told the same.
    port_reference text,
    port_data bytea,
    from_mbps integer,
    mbps integer,
    state text not null,
    outcome jsonb,
    -- Set when a person must look.
    attention text,
    asked_at timestamptz not null,
    wake_at timestamptz,
    ended_at timestamptz,
    constraint operation_pkey primary key (reseller_id, id),
    constraint operation_of_tenant unique (reseller_id, tenant_id, id),
    constraint operation_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint operation_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint operation_release foreign key (reseller_id, release_id) references release (reseller_id, id),
    constraint operation_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint operation_change foreign key (reseller_id, tenant_id, change_id)
        references bandwidth_change (reseller_id, tenant_id, id),
    constraint operation_return_leg foreign key (reseller_id, tenant_id, return_leg_id)
        references return_leg (reseller_id, tenant_id, id),
    constraint operation_kind check (kind in ('read_port', 'list_ports', 'check_change', 'change_bandwidth', 'cancel', 'probe')),
    constraint operation_state check (state in ('running', 'waiting', 'done', 'given_up')),
    constraint operation_one_cause check (change_id is null or return_leg_id is null),
    constraint operation_port_pinned check (
        (port_id is null) = (port_reference is null) and (port_id is null) = (port_data is null))
);
create index operation_of_port on operation (tenant_id, port_id, asked_at desc);
create index operation_listed on operation (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('operation', 'running', 'waiting'), ('operation', 'waiting', 'running'),
    ('operation', 'running', 'done'), ('operation', 'running', 'given_up'), ('operation', 'waiting', 'given_up'),
    ('operation', 'given_up', 'running');
create trigger operation_transition before update on operation
    for each row execute function tenancy.check_transition();
call tenancy.declare('operation', 'own',
    customer => 'select, insert, update (state, outcome, attention, wake_at, ended_at)',
    reseller => 'select, insert, update (state, outcome, attention, wake_at, ended_at)');

-- The journal. Row (operation, n) is written as `sending` before anything leaves; whoever finds a `sending` row
-- that it did not write treats it as lost. Request and answer are sealed under the tenant's key.
create table exchange (
    reseller_id uuid not null,
    tenant_id uuid not null,
    operation_id uuid not null,
    n integer not null,
    method text not null,
    destination text not null,
    target text not null,
    credential text,
    repeatable boolean not null,
    request_hash bytea not null,
    request bytea not null,
    state text not null,
    status smallint,
    -- Latest answer: response, or what was lost or not sent.
    answer bytea,
    first_at timestamptz not null,
    at timestamptz not null,
    repeats integer not null default 0,
    constraint exchange_pkey primary key (reseller_id, operation_id, n),
    constraint exchange_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint exchange_operation foreign key (reseller_id, tenant_id, operation_id)
        references operation (reseller_id, tenant_id, id),
    constraint exchange_of_tenant unique (reseller_id, tenant_id, operation_id, n),
    constraint exchange_state check (state in ('sending', 'answered', 'lost', 'not_sent'))
);
create index exchange_listed on exchange (tenant_id, operation_id, n);
insert into transition (machine, from_state, to_state) values
    ('exchange', 'sending', 'answered'), ('exchange', 'sending', 'lost'), ('exchange', 'sending', 'not_sent'),
    ('exchange', 'answered', 'sending'), ('exchange', 'not_sent', 'sending'), ('exchange', 'lost', 'sending');
create trigger exchange_transition before update on exchange
    for each row execute function tenancy.check_transition();
call tenancy.declare('exchange', 'own',
    customer => 'select, insert, update (state, status, answer, at, repeats)',
    reseller => 'select, insert, update (state, status, answer, at, repeats)');

-- Every answer a slot ever had; identical polls once, counted.
create table exchange_answer (
    reseller_id uuid not null,
    tenant_id uuid not null,
    operation_id uuid not null,
    n integer not null,
    seq integer not null,
    state text not null,
    status smallint,
    answer_hash bytea not null,
    answer bytea not null,
    count integer not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    constraint exchange_answer_pkey primary key (reseller_id, operation_id, n, seq),
    constraint exchange_answer_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint exchange_answer_exchange foreign key (reseller_id, tenant_id, operation_id, n)
        references exchange (reseller_id, tenant_id, operation_id, n)
);
create index exchange_answer_listed on exchange_answer (tenant_id, operation_id, n, seq);
call tenancy.declare('exchange_answer', 'own',
    customer => 'select, insert, update (count, last_at)', reseller => 'select, insert, update (count, last_at)');

-- What a read-back showed. Never changed.
create table observation (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    port_id uuid not null,
    operation_id uuid not null,
    mbps integer not null,
    -- Since when, if the carrier told.
    since timestamptz,
    observed_at timestamptz not null,
    constraint observation_pkey primary key (reseller_id, id),
    constraint observation_of_tenant unique (reseller_id, tenant_id, id),
    constraint observation_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint observation_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint observation_operation foreign key (reseller_id, tenant_id, operation_id)
        references operation (reseller_id, tenant_id, id)
);
create index observation_of_port on observation (tenant_id, port_id, observed_at desc);
call tenancy.declare('observation', 'own', customer => 'select, insert', reseller => 'select, insert');

-- A stretch of verified bandwidth. Only closing changes it. A speed that was seen once, of which nobody knows how
-- long it lasted, leaves an empty one.
create table "interval" (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    port_id uuid not null,
    mbps integer not null,
    starts_at timestamptz not null,
    ends_at timestamptz,
    -- Whose clock each end is: the carrier's own `since`, or our observation.
    start_basis text not null,
    end_basis text,
    opened_by uuid not null,
    closed_by uuid,
    state text not null,
    constraint interval_pkey primary key (reseller_id, id),
    constraint interval_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint interval_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint interval_opened_by foreign key (reseller_id, tenant_id, opened_by) references observation (reseller_id, tenant_id, id),
    constraint interval_closed_by foreign key (reseller_id, tenant_id, closed_by) references observation (reseller_id, tenant_id, id),
    constraint interval_basis check (start_basis in ('carrier', 'observation') and end_basis in ('carrier', 'observation')),
    constraint interval_state check ((state = 'open' and ends_at is null) or (state = 'closed' and ends_at >= starts_at)),
    constraint interval_no_overlap exclude using gist (
        reseller_id with =, port_id with =, tstzrange(starts_at, ends_at) with &&)
);
create unique index interval_one_open on "interval" (reseller_id, port_id) where state = 'open';
create index interval_of_port on "interval" (tenant_id, port_id, starts_at);
insert into transition (machine, from_state, to_state) values ('interval', 'open', 'closed');
create trigger interval_transition before update on "interval"
    for each row execute function tenancy.check_transition();
call tenancy.declare('interval', 'own',
    customer => 'select, insert, update (ends_at, end_basis, closed_by, state)',
    reseller => 'select, insert, update (ends_at, end_basis, closed_by, state)');

-- Work to do, and whose. Tenants insert jobs without a virtual time; the worker gives one when they are due.
create table job (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    -- The row the work is about.
    subject_id uuid not null,
    initiated_by_kind text not null,
    initiated_by uuid not null,
    -- Business time.
    due_at timestamptz not null,
    state text not null default 'waiting',
    virtual_time double precision,
    cost real not null default 1,
    attempts integer not null default 0,
    last_error text,
    -- The database's own clock: a lease must expire even where business time is driven.
    leased_until timestamptz,
    lease_id uuid,
    constraint job_pkey primary key (reseller_id, id),
    constraint job_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint job_state check (state in ('waiting', 'running', 'done', 'dead')),
    constraint job_initiator check (initiated_by_kind in ('user', 'api_key', 'system'))
);
create unique index job_once on job (reseller_id, kind, subject_id) where state in ('waiting', 'running');
create index job_due on job (due_at, id) where state = 'waiting' and virtual_time is null;
create index job_order on job (virtual_time, id) where state = 'waiting' and virtual_time is not null;
create index job_of_tenant on job (tenant_id, virtual_time) where state = 'waiting' and virtual_time is not null;
create index job_leased on job (leased_until) where state = 'running';
create index job_listed on job (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('job', 'waiting', 'running'), ('job', 'running', 'waiting'), ('job', 'running', 'done'), ('job', 'running', 'dead'),
    ('job', 'dead', 'waiting'), ('job', 'waiting', 'done');
create trigger job_transition before update on job for each row execute function tenancy.check_transition();
call tenancy.declare('job', 'own',
    customer => 'select, insert, update (due_at, virtual_time)',
    reseller => 'select, insert, update (due_at, virtual_time)',
    worker => 'select (reseller_id, tenant_id, id, due_at, state, virtual_time, cost, attempts, leased_until, lease_id), '
              'update (state, virtual_time, attempts, last_error, leased_until, lease_id, due_at)');
