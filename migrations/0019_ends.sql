-- What stood in the way of an end, or got past one.

-- Recovery codes go with the second factor that they stand in for.
alter table recovery_code drop constraint recovery_code_user_id_fkey;
alter table recovery_code add constraint recovery_code_user_id_fkey
    foreign key (user_id) references second_factor (user_id) on delete cascade;

-- A reseller's end takes its customers along, so what is new of a customer waits for the end of its house too, and meets
-- the customer gone.
create or replace function tenancy.refuse_too_late() returns trigger
language plpgsql as $$
begin
    if current_user = 'app_loader' then
        return new;
    end if;
    perform pg_advisory_xact_lock_shared(hashtextextended(new.reseller_id::text, 0));
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
