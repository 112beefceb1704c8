-- A reseller is served at hosts of its own beside the one that sign-up gave it, once the DNS shows that they are its
-- own.

-- A claim that is not proven reserves nothing: several resellers may claim a host, and one of them has it proven. The
-- index keeps the constraint's name, by which the release before translates a violation.
alter table domain drop constraint domain_host_unique;
create unique index domain_host_unique on domain (host) where proven_at is not null;
alter table domain
    add column origin text not null default 'sign_up',
    -- What the record in the DNS has to say; the host of sign-up needs none.
    add column proof text,
    add column checked_at timestamptz,
    -- Checks in a row that did not find the record.
    add column misses smallint not null default 0,
    add column withdrawn_at timestamptz,
    add constraint domain_origin check (origin in ('sign_up', 'claim') and (origin = 'claim') = (proof is not null)),
    add constraint domain_misses check (misses between 0 and 3),
    add constraint domain_withdrawn check (withdrawn_at is null or proven_at is null),
    add constraint domain_claimed_once unique (reseller_id, host);
grant insert, delete, update (proven_at, checked_at, misses, withdrawn_at) on domain to app_reseller;
grant update (proven_at, withdrawn_at) on domain to app_entrance;
