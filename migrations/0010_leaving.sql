-- A tenant takes its data along. Its archives, and a role that fills one reseller from an archive: tenancy.declare gives
-- it its part in every table, those of before included.

grant usage on schema tenancy to app_loader;
grant usage on schema public to app_loader;

-- The loader adds rows to one reseller, and people.
create procedure tenancy.admit_movers(tab text, class text)
language plpgsql as $$
begin
    if class <> 'platform' then
        call tenancy.admit(tab, 'app_loader', 'select, insert',
            'reseller_id = nullif(current_setting(''app.reseller_id'', true), '''')::uuid');
    elsif tab = 'user_account' then
        call tenancy.admit(tab, 'app_loader', 'select, insert', 'true');
    end if;
end $$;

create or replace procedure tenancy.declare(
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
    call tenancy.admit_movers(tab, class);
end $$;

do $$
declare
    known record;
begin
    for known in
        select relname::text as tab, split_part(obj_description(oid, 'pg_class'), ':', 1) as class
        from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace
            and split_part(obj_description(oid, 'pg_class'), ':', 1) in ('own', 'house', 'shared', 'platform')
        order by relname
    loop
        call tenancy.admit_movers(known.tab, known.class);
    end loop;
end $$;

-- An archive of everything that is a tenant's, kept for a week.
create table export (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    state text not null default 'waiting',
    requested_by_kind text not null,
    requested_by uuid not null,
    requested_at timestamptz not null,
    finished_at timestamptz,
    -- When the archive is removed.
    expires_at timestamptz,
    size_bytes bigint,
    sha256 bytea,
    constraint export_pkey primary key (reseller_id, id),
    constraint export_of_tenant unique (reseller_id, tenant_id, id),
    constraint export_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint export_state check (state in ('waiting', 'ready', 'failed', 'expired')),
    constraint export_made check ((state in ('ready', 'expired')) = (expires_at is not null)
        and (expires_at is null) = (size_bytes is null) and (expires_at is null) = (sha256 is null))
);
create unique index export_one_waits on export (reseller_id, tenant_id) where state = 'waiting';
create index export_listed on export (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('export', 'waiting', 'ready'), ('export', 'waiting', 'failed'), ('export', 'ready', 'expired');
create trigger export_transition before update on export for each row execute function tenancy.check_transition();
call tenancy.declare('export', 'own',
    customer => 'select, insert, update (state, finished_at, expires_at, size_bytes, sha256)',
    reseller => 'select, insert, update (state, finished_at, expires_at, size_bytes, sha256)');

-- The archive's bytes, so that every host has them; each part is sealed under the tenant's key.
create table export_part (
    reseller_id uuid not null,
    tenant_id uuid not null,
    export_id uuid not null,
    n integer not null,
    sealed bytea not null,
    constraint export_part_pkey primary key (reseller_id, export_id, n),
    constraint export_part_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint export_part_export foreign key (reseller_id, tenant_id, export_id)
        references export (reseller_id, tenant_id, id)
);
create index export_part_of_tenant on export_part (tenant_id, export_id, n);
call tenancy.declare('export_part', 'own', customer => 'select, insert, delete', reseller => 'select, insert, delete');
