-- A tenant leaves for good: asked for, taken back within its grace period, or carried out by a role that can delete the
-- rows of one tenant and none at all unless that tenant is leaving.

grant usage on schema tenancy to app_leaver;
grant usage on schema public to app_leaver;
call tenancy.admit('transition', 'app_leaver', 'select', 'true');

create function tenancy.is_leaving() returns boolean
language sql stable as $$
    select exists (
        select from tenant
        where tenant_id = nullif(current_setting('app.tenant_id', true), '')::uuid and state in ('leaving', 'gone'))
$$;

-- For a reseller, its whole house is in reach. Of tables about people, the rows of those in app.people.
create procedure tenancy.admit_leaver(tab text, class text)
language plpgsql as $$
declare
    mine constant text := 'tenant_id = nullif(current_setting(''app.tenant_id'', true), '''')::uuid';
    ours constant text := 'reseller_id = nullif(current_setting(''app.reseller_id'', true), '''')::uuid';
    whose constant text := '(' || mine || ' or ' || replace(mine, 'tenant_id =', 'reseller_id =') || ')';
    going constant text := '(select tenancy.is_leaving()) and ' || ours || ' and ' || whose;
    people constant text := '%I = any(string_to_array(nullif(current_setting(''app.people'', true), ''''), '','')::uuid[])';
    person text;
begin
    if class <> 'platform' then
        case tab
            -- A reseller takes its customers along.
            when 'tenant' then call tenancy.admit(tab, 'app_leaver', 'select, update (state, name, slug)', whose);
            when 'audit_event' then call tenancy.admit(tab, 'app_leaver', 'select, insert', going);
            when 'departure' then call tenancy.admit(tab, 'app_leaver',
                'select, update (state, ended_at, documents_until, reason)', going);
            when 'port' then call tenancy.admit(tab, 'app_leaver', 'select, update (name, carrier_data), delete', going);
            else call tenancy.admit(tab, 'app_leaver', 'select, delete', going);
        end case;
        return;
    end if;
    person := case when tab = 'user_account' then 'id' else (
        select attname
        from pg_constraint
        join pg_attribute on attrelid = conrelid and attnum = conkey[1]
        where contype = 'f' and conrelid = quote_ident(tab)::regclass and confrelid = 'user_account'::regclass
        limit 1) end;
    if person is not null then
        call tenancy.admit(tab, 'app_leaver', 'select, delete', format(people, person));
    end if;
end $$;

create or replace procedure tenancy.admit_movers(tab text, class text)
language plpgsql as $$
begin
    if class <> 'platform' then
        call tenancy.admit(tab, 'app_loader', 'select, insert',
            'reseller_id = nullif(current_setting(''app.reseller_id'', true), '''')::uuid');
    elsif tab = 'user_account' then
        call tenancy.admit(tab, 'app_loader', 'select, insert', 'true');
    end if;
    call tenancy.admit_leaver(tab, class);
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
        call tenancy.admit_leaver(known.tab, known.class);
    end loop;
end $$;

-- A tenant that is gone stays as a tombstone: what is kept of it, and what others have with it, still names it.
alter table tenant drop constraint tenant_state;
alter table tenant add constraint tenant_state check (state in ('active', 'suspended', 'leaving', 'gone'));
insert into transition (machine, from_state, to_state) values
    ('tenant', 'active', 'suspended'), ('tenant', 'suspended', 'active'),
    ('tenant', 'active', 'leaving'), ('tenant', 'suspended', 'leaving'),
    ('tenant', 'leaving', 'active'), ('tenant', 'leaving', 'suspended'), ('tenant', 'leaving', 'gone')
    on conflict do nothing;
create trigger tenant_transition before update on tenant for each row execute function tenancy.check_transition();

-- A customer moves itself only between leaving and staying, and what is gone stays gone.
create function tenancy.check_tenant_step() returns trigger
language plpgsql as $$
begin
    if current_user = 'app_customer' and new.state is distinct from old.state
        and 'leaving' not in (old.state, new.state)
    then
        raise exception 'a customer cannot go from % to % by itself', old.state, new.state
            using errcode = 'check_violation', constraint = 'tenant_transition';
    end if;
    if old.state = 'gone' and current_user <> 'app_leaver' then
        raise exception 'tenant % is gone', old.tenant_id
            using errcode = 'check_violation', constraint = 'tenant_is_leaving';
    end if;
    return new;
end $$;
create trigger tenant_step before update on tenant for each row execute function tenancy.check_tenant_step();

-- What comes too late for a tenant in one of the states that the trigger names is refused, whoever asks. A departure takes
-- the same lock alone before it looks whether work is under way. What is loaded from an archive is not new.
create function tenancy.refuse_too_late() returns trigger
language plpgsql as $$
begin
    if current_user = 'app_loader' then
        return new;
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended(new.tenant_id::text, 0));
    if exists (
        select from tenant
        where reseller_id = new.reseller_id and tenant_id = new.tenant_id and state = any(tg_argv[0]::text[]))
    then
        raise exception 'tenant % is leaving', new.tenant_id
            using errcode = 'check_violation', constraint = 'tenant_is_leaving';
    end if;
    return new;
end $$;

do $$
declare
    tab text;
begin
    -- Nothing new begins for a tenant that leaves.
    foreach tab in array array['port', 'quote', 'bandwidth_change', 'invitation', 'api_key', 'role'] loop
        execute format('create trigger %I before insert on %I for each row
            execute function tenancy.refuse_too_late(''{leaving,gone}'')', tab || '_too_late', tab);
    end loop;
    -- It is still used, and settings of a customer that leaves are its reseller's business. Of one that is gone nothing
    -- is kept that a request under way at its end would still bring.
    foreach tab in array array['session', 'membership', 'mailbox_token', 'mail', 'export', 'customer_setting', 'field_value',
        'limit_lowered'] loop
        execute format('create trigger %I before insert on %I for each row
            execute function tenancy.refuse_too_late(''{gone}'')', tab || '_too_late', tab);
    end loop;
end $$;

-- What is not over, found for a whole reseller at once.
create index bandwidth_change_not_over on bandwidth_change (reseller_id, tenant_id)
    where state in ('awaiting_approval', 'scheduled', 'applying', 'applied', 'indeterminate');
create index return_leg_not_over on return_leg (reseller_id, tenant_id)
    where state in ('reserved', 'applying', 'applied', 'failed', 'indeterminate');
create index operation_not_over on operation (reseller_id, tenant_id) where state in ('running', 'waiting');

-- That a tenant leaves: asked for, taken back, carried out. What is left of one that is gone, so it names nobody.
create table departure (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    state text not null default 'waiting',
    -- Where the tenant stood before, and stands again if this is taken back.
    from_state text not null,
    requested_by_kind text not null,
    requested_by uuid not null,
    requested_at timestamptz not null,
    -- A customer whose reseller asked for it: it cannot take that back.
    sent_away boolean not null,
    -- Why, under the tenant's key; gone with it.
    reason bytea,
    -- Somebody said that no archive is needed.
    export_waived boolean not null,
    ends_at timestamptz not null,
    -- When it was taken back or carried out.
    ended_at timestamptz,
    -- Until when the seller keeps what it issued.
    documents_until timestamptz,
    constraint departure_pkey primary key (reseller_id, id),
    constraint departure_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint departure_state check (state in ('waiting', 'withdrawn', 'carried_out')),
    constraint departure_over check ((state = 'waiting') = (ended_at is null))
);
create unique index departure_one_waits on departure (reseller_id, tenant_id) where state = 'waiting';
create index departure_of_tenant on departure (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('departure', 'waiting', 'withdrawn'), ('departure', 'waiting', 'carried_out');
create trigger departure_transition before update on departure for each row execute function tenancy.check_transition();
call tenancy.declare('departure', 'own',
    customer => 'select, insert, update (state, ended_at)', reseller => 'select, insert, update (state, ended_at)');
-- A customer decides by itself that it leaves.
grant update (state) on tenant to app_customer;
