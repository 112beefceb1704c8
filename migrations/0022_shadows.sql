-- What a pricing release would have charged for a past month, beside the one that serves. Nothing of it is ever billed. It
-- tells customers' prices to their reseller, so it is the house's.

create table shadow (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    release_id uuid not null,
    settings jsonb not null,
    -- A calendar month on each customer's own clock, such as 2026-04.
    period text not null,
    state text not null default 'waiting',
    customers_total integer not null default 0,
    -- Of all customers in the order of their ids, so many were looked at.
    customers_done integer not null default 0,
    requested_by_kind text not null,
    requested_by uuid not null,
    requested_at timestamptz not null,
    finished_at timestamptz,
    constraint shadow_pkey primary key (reseller_id, id),
    constraint shadow_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint shadow_release foreign key (reseller_id, release_id) references release (reseller_id, id),
    constraint shadow_state check (state in ('waiting', 'running', 'finished', 'cancelled', 'failed')),
    constraint shadow_finished check ((state in ('waiting', 'running')) = (finished_at is null))
);
create unique index shadow_one_at_a_time on shadow (reseller_id) where state in ('waiting', 'running');
create index shadow_of_tenant on shadow (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('shadow', 'waiting', 'running'), ('shadow', 'waiting', 'cancelled'), ('shadow', 'waiting', 'failed'),
    ('shadow', 'running', 'finished'), ('shadow', 'running', 'cancelled'), ('shadow', 'running', 'failed');
create trigger shadow_transition before update on shadow for each row execute function tenancy.check_transition();
call tenancy.declare('shadow', 'house',
    reseller => 'select, insert, update (state, customers_total, customers_done, finished_at)');

-- One customer's month under both.
create table shadow_customer (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    shadow_id uuid not null,
    customer_id uuid not null,
    currency text not null,
    -- What serves; null where nothing does.
    active_digest text,
    -- Sums of rounded lines; null where the release failed.
    active_total numeric(24, 9),
    total numeric(24, 9),
    -- The total less the active one's; null where one of them is missing.
    difference numeric(24, 9),
    active_failure text,
    failure text,
    -- The lines that differ, the largest differences first.
    lines jsonb not null,
    lines_left_out integer not null,
    constraint shadow_customer_pkey primary key (reseller_id, id),
    constraint shadow_customer_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint shadow_customer_shadow foreign key (reseller_id, shadow_id) references shadow (reseller_id, id),
    constraint shadow_customer_customer foreign key (reseller_id, customer_id) references tenant (reseller_id, tenant_id),
    constraint shadow_customer_once unique (reseller_id, shadow_id, customer_id)
);
-- Those that failed first, then the largest differences.
create index shadow_customer_worst on shadow_customer
    (reseller_id, shadow_id, (failure is null), (-abs(coalesce(difference, 0))), id);
create index shadow_customer_of_tenant on shadow_customer (tenant_id);
call tenancy.declare('shadow_customer', 'house', reseller => 'select, insert');
