-- What PostgreSQL is told so that it plans well for a tenant of any size.

-- A tenant belongs to one reseller. Without knowing that, a query that names both is believed to find a hundredth of a
-- tenant's rows, and an index through all of them looks as good as the one that leads to the few that are asked for.
create procedure tenancy.relate(tab text) language plpgsql as $$
begin
    execute format('create statistics if not exists %I (dependencies) on reseller_id, tenant_id from %I', tab || '_related', tab);
end $$;

-- Declaring a table relates its tenants to their resellers from here on.
alter procedure tenancy.declare rename to declare_rows;
create procedure tenancy.declare(
    tab text, class text, why text default null,
    customer text default null, reseller text default null, house text default null,
    entrance text default null, worker text default null, operator text default null)
language plpgsql as $$
begin
    call tenancy.declare_rows(tab, class, why, customer, reseller, house, entrance, worker, operator);
    if class <> 'platform' then
        call tenancy.relate(tab);
    end if;
end $$;

do $$
declare
    tab text;
begin
    for tab in
        select relname
        from pg_class
        where relkind = 'r' and relnamespace = 'public'::regnamespace and obj_description(oid) ~ '^(own|house|shared)'
    loop
        call tenancy.relate(tab);
    end loop;
end $$;

-- The few changes and return legs that are not over, by their port too.
drop index bandwidth_change_not_over;
create index bandwidth_change_not_over on bandwidth_change (reseller_id, tenant_id, port_id)
    where state in ('awaiting_approval', 'scheduled', 'applying', 'applied', 'indeterminate');
drop index return_leg_not_over;
create index return_leg_not_over on return_leg (reseller_id, tenant_id, port_id)
    where state in ('reserved', 'applying', 'applied', 'failed', 'indeterminate');
-- In the order in which they are listed.
drop index invitation_of_tenant;
create index invitation_of_tenant on invitation (tenant_id, id);
