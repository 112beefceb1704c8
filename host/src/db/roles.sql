-- The roles NexusPort needs, once per PostgreSQL cluster. Run as a superuser; safe to run again.
-- app_* hold grants and policies and cannot log in. nexusport_host may become one of them for a transaction and
-- has no grants of its own. nexusport_owner owns the tables and is used by migrations alone.
do $$
declare
    name text;
begin
    foreach name in array array[
        'app_customer', 'app_reseller', 'app_house', 'app_entrance', 'app_worker', 'app_operator', 'app_leaver', 'app_loader',
        'nexusport_owner', 'nexusport_host', 'nexusport_operator']
    loop
        begin
            execute format('create role %I nosuperuser nobypassrls noinherit nocreatedb nocreaterole', name);
        exception when duplicate_object or unique_violation then
            null;
        end;
    end loop;
    -- Two starters may alter the same rows at once.
    for attempt in 1..10 loop
        begin
            alter role nexusport_owner login inherit;
            alter role nexusport_host login;
            alter role nexusport_operator login;
            grant app_customer, app_reseller, app_house, app_entrance, app_worker, app_leaver to nexusport_host;
            grant app_loader to nexusport_owner;
            grant app_operator to nexusport_operator;
            exit;
        exception when others then
            if sqlerrm not like '%tuple concurrently%' and sqlstate <> '23505' or attempt = 10 then
                raise;
            end if;
            perform pg_sleep(0.05);
        end;
    end loop;
end $$;
