-- A tenant's single question enters its tenant in the statement that asks, and leaves it at the statement's end. Asked for
-- outside a transaction, what is set here lasts no longer. Whoever forgets it sees no row.
create function tenancy.enter(reseller uuid, customer uuid) returns text
    language sql
    as $$ select set_config('app.reseller_id', reseller::text, true)
        || set_config('app.tenant_id', coalesce(customer, reseller)::text, true) $$;
