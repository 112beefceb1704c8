-- What a table's class means, written once. Every later table names its class with tenancy.declare, so its
-- policies, its forced row-level security and its comment can never disagree.
-- The roles are cluster-wide and exist before the first migration (host/src/db/roles.sql).

create extension if not exists btree_gist;

create schema tenancy;
grant usage on schema tenancy to app_customer, app_reseller, app_house, app_entrance, app_worker, app_operator;
revoke create on schema public from public;
grant usage on schema public to app_customer, app_reseller, app_house, app_entrance, app_worker, app_operator;

-- Classes:
--   own       the row belongs to tenant_id; its reseller sees it too
--   house     the reseller's alone
--   shared    the reseller's, with the columns in `customer` readable by its customers
--   platform  no tenant; `why` says why
-- Each role argument is what that role is granted, such as 'select, insert' or 'select (id, name)'; null is nothing.
-- The entrance and the worker are asked before a tenant is known, so their policies admit every row and their
-- grants name single columns.
create procedure tenancy.declare(
    tab text, class text, why text default null,
    customer text default null, reseller text default null, house text default null,
    entrance text default null, worker text default null, operator text default null)
language plpgsql as $$
declare
    mine constant text := 'tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid';
    ours constant text := 'reseller_id = nullif(current_setting(''app.reseller_id'', true), '''')::uuid';
begin
    if class not in ('own', 'house', 'shared', 'platform') then
        raise exception 'table % has the unknown class %', tab, class;
    end if;
    if class = 'platform' and why is null then
        raise exception 'platform table % must say why it has no tenant', tab;
    end if;
    execute format('comment on table %I is %L', tab, class || coalesce(': ' || why, ''));
    execute format('alter table %I enable row level security', tab);
    execute format('alter table %I force row level security', tab);
    if class in ('house', 'shared') then
        execute format('alter table %I add constraint %I check (tenant_id = reseller_id)', tab, tab || '_is_the_resellers');
    end if;
    if class = 'platform' then
        -- Forced row-level security binds the owner too, who fills the reference tables.
        execute format('create policy %I on %I to %I using (true) with check (true)', tab || '_owner', tab, current_user);
    end if;
    call tenancy.admit(tab, 'app_customer', customer,
        case class when 'own' then mine when 'shared' then ours when 'platform' then 'true' end);
    call tenancy.admit(tab, 'app_reseller', reseller, case class when 'platform' then 'true' else ours end);
    call tenancy.admit(tab, 'app_house', house, case class when 'platform' then 'true' else ours end);
    call tenancy.admit(tab, 'app_entrance', entrance, 'true');
    call tenancy.admit(tab, 'app_worker', worker, 'true');
    call tenancy.admit(tab, 'app_operator', operator, 'true');
end $$;

create procedure tenancy.admit(tab text, role text, privileges text, rows text)
language plpgsql as $$
begin
    if privileges is null then
        return;
    end if;
    if rows is null then
        raise exception 'role % can have no rows of table %', role, tab;
    end if;
    execute format('grant %s on %I to %I', privileges, tab, role);
    execute format('create policy %I on %I to %I using (%s) with check (%s)', tab || '_' || role, tab, role, rows, rows);
end $$;

-- The legal steps of every state machine; a table with a `state` column installs tenancy.check_transition.
create table transition (
    machine text not null,
    from_state text not null,
    to_state text not null,
    primary key (machine, from_state, to_state)
);
call tenancy.declare('transition', 'platform', 'the rules of the state machines are the same for everyone',
    customer => 'select', reseller => 'select', house => 'select', worker => 'select', operator => 'select', entrance => 'select');

create function tenancy.check_transition() returns trigger
language plpgsql as $$
begin
    if new.state is distinct from old.state and not exists (
        select from transition
        where machine = tg_table_name and from_state = old.state and to_state = new.state)
    then
        raise exception '% cannot go from % to %', tg_table_name, old.state, new.state
            using errcode = 'check_violation', constraint = tg_table_name || '_transition';
    end if;
    return new;
end $$;

create table tenant (
    reseller_id uuid not null,
    tenant_id uuid not null,
    kind text not null,
    slug text not null,
    name text not null,
    state text not null default 'active',
    currency text not null,
    time_zone text not null,
    created_at timestamptz not null,
    constraint tenant_pkey primary key (reseller_id, tenant_id),
    constraint tenant_id_unique unique (tenant_id),
    constraint tenant_slug_unique unique (reseller_id, slug),
    constraint tenant_reseller foreign key (reseller_id) references tenant (tenant_id),
    constraint tenant_kind check (kind in ('operator', 'reseller', 'customer')),
    constraint tenant_customer_below check ((kind = 'customer') = (reseller_id <> tenant_id)),
    constraint tenant_state check (state in ('active', 'suspended', 'leaving')),
    constraint tenant_currency check (currency ~ '^[A-Z]{3}$'),
    constraint tenant_slug check (slug ~ '^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$')
);
-- Resellers are hosts on one platform, so their slugs meet; customers' slugs are their reseller's business.
create unique index tenant_house_slug_unique on tenant (slug) where kind <> 'customer';
create unique index tenant_operator_once on tenant (kind) where kind = 'operator';
call tenancy.declare('tenant', 'own',
    customer => 'select', reseller => 'select, insert, update (name, state)',
    house => 'select', entrance => 'select, insert', worker => 'select (reseller_id, tenant_id, kind, state)',
    operator => 'select, insert, update (state)');
-- A house caller acts for one reseller and needs that reseller's row, not its customers'.
drop policy tenant_app_house on tenant;
create policy tenant_app_house on tenant to app_house
    using (tenant_id = nullif(current_setting('app.reseller_id', true), '')::uuid);

create table domain (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    host text not null,
    created_at timestamptz not null,
    proven_at timestamptz,
    constraint domain_pkey primary key (reseller_id, id),
    constraint domain_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint domain_host_unique unique (host),
    constraint domain_host_lower check (host = lower(host))
);
create index domain_of_tenant on domain (tenant_id);
call tenancy.declare('domain', 'shared',
    customer => 'select (reseller_id, tenant_id, host)', reseller => 'select', house => 'select',
    entrance => 'select, insert', operator => 'select');

-- Data keys, sealed under the master key, which is not in the database.
create table tenant_key (
    reseller_id uuid not null,
    tenant_id uuid not null,
    sealed bytea not null,
    master_key_id text not null,
    created_at timestamptz not null,
    constraint tenant_key_pkey primary key (reseller_id, tenant_id),
    constraint tenant_key_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index tenant_key_of_tenant on tenant_key (tenant_id);
call tenancy.declare('tenant_key', 'own',
    customer => 'select', reseller => 'select, insert', house => 'select', entrance => 'insert');
drop policy tenant_key_app_house on tenant_key;
create policy tenant_key_app_house on tenant_key to app_house
    using (tenant_id = nullif(current_setting('app.reseller_id', true), '')::uuid);

create table master_key (
    id text primary key,
    check_value bytea not null,
    created_at timestamptz not null
);
call tenancy.declare('master_key', 'platform', 'one key seals every tenant''s key; only its fingerprint is here',
    operator => 'select, insert');
