-- What each tenant may use: a plan the operator offers, what the operator changed of it for one tenant, and what a reseller
-- lowered for its customer. And what was used: the requests of a minute, shared by all hosts, and the fuel of a day.

-- A limit that a plan does not say is the code's default.
create table plan (
    name text primary key,
    limits jsonb not null,
    changed_at timestamptz not null,
    constraint plan_name check (name ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$'),
    constraint plan_limits check (jsonb_typeof(limits) = 'object')
);
call tenancy.declare('plan', 'platform', 'the operator offers the same plans to every reseller',
    reseller => 'select', house => 'select', worker => 'select', operator => 'select, insert, update (limits, changed_at)');
insert into plan (name, limits, changed_at) values ('standard', '{}', '2026-11-21T00:00:00Z');

-- Which plan a reseller has; without a row, the standard one.
create table reseller_plan (
    reseller_id uuid not null,
    tenant_id uuid not null,
    plan text not null references plan (name),
    changed_at timestamptz not null,
    constraint reseller_plan_pkey primary key (reseller_id, tenant_id),
    constraint reseller_plan_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index reseller_plan_of_tenant on reseller_plan (tenant_id);
call tenancy.declare('reseller_plan', 'house',
    reseller => 'select', house => 'select', worker => 'select', operator => 'select, insert, update (plan, changed_at)');

-- What the operator changed for one tenant.
create table limit_override (
    reseller_id uuid not null,
    tenant_id uuid not null,
    name text not null,
    value bigint not null,
    changed_at timestamptz not null,
    constraint limit_override_pkey primary key (reseller_id, tenant_id, name),
    constraint limit_override_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint limit_override_value check (value > 0)
);
create index limit_override_of_tenant on limit_override (tenant_id, name);
call tenancy.declare('limit_override', 'own',
    reseller => 'select', house => 'select', worker => 'select',
    operator => 'select, insert, update (value, changed_at), delete');

-- What a reseller lowered for its customer.
create table limit_lowered (
    reseller_id uuid not null,
    tenant_id uuid not null,
    name text not null,
    value bigint not null,
    changed_at timestamptz not null,
    constraint limit_lowered_pkey primary key (reseller_id, tenant_id, name),
    constraint limit_lowered_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint limit_lowered_value check (value > 0)
);
create index limit_lowered_of_tenant on limit_lowered (tenant_id, name);
call tenancy.declare('limit_lowered', 'own',
    reseller => 'select, insert, update (value, changed_at), delete', house => 'select', operator => 'select');

-- How much of the present minute's requests the hosts have taken. One row each, moved on from minute to minute.
create table rate_window (
    reseller_id uuid not null,
    tenant_id uuid not null,
    window_at timestamptz not null,
    taken bigint not null,
    -- What the last taker got.
    granted bigint not null,
    constraint rate_window_pkey primary key (reseller_id, tenant_id),
    constraint rate_window_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index rate_window_of_tenant on rate_window (tenant_id);
call tenancy.declare('rate_window', 'own',
    house => 'select, insert, update (window_at, taken, granted)');

-- Fuel that a reseller's plugins burned, by day in UTC.
create table plugin_fuel (
    reseller_id uuid not null,
    tenant_id uuid not null,
    day date not null,
    fuel bigint not null,
    constraint plugin_fuel_pkey primary key (reseller_id, tenant_id, day),
    constraint plugin_fuel_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index plugin_fuel_of_tenant on plugin_fuel (tenant_id, day);
call tenancy.declare('plugin_fuel', 'house',
    reseller => 'select', house => 'select, insert, update (fuel)');

-- A reseller's share of the queue, for the queue's own query: what a share comes from is not the queue's business.
create function tenancy.queue_weight(reseller uuid) returns double precision
language sql stable as $$
    select coalesce(
        (select value from limit_override
            where reseller_id = reseller and tenant_id = reseller and name = 'queue_weight'),
        (select (limits ->> 'queue_weight')::bigint from plan
            where name = coalesce((select plan from reseller_plan where reseller_id = reseller and tenant_id = reseller), 'standard')),
        1)
$$;
