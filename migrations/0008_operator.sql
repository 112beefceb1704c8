-- Operators are named people with keys of their own, above all tenants. They suspend and resume tenants with a reason,
-- and enter one only for a while, seen by it: both are rows of the tenant they are about.

create table operator_account (
    id uuid primary key,
    name text not null,
    -- The first characters, for people to tell keys apart.
    prefix text not null,
    secret_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    constraint operator_account_secret_unique unique (secret_hash)
);
create unique index operator_account_name_unique on operator_account (name) where revoked_at is null;
call tenancy.declare('operator_account', 'platform', 'operators stand above tenants and are members of none',
    entrance => 'select (id, revoked_at)', operator => 'select, insert, update (revoked_at)');

create table suspension (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    reason text not null,
    suspended_by uuid not null references operator_account (id),
    suspended_at timestamptz not null,
    resumed_by uuid references operator_account (id),
    resumed_at timestamptz,
    constraint suspension_pkey primary key (reseller_id, id),
    constraint suspension_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint suspension_resumed check ((resumed_by is null) = (resumed_at is null))
);
create unique index suspension_once on suspension (tenant_id) where resumed_at is null;
create index suspension_of_tenant on suspension (tenant_id, id);
call tenancy.declare('suspension', 'own',
    customer => 'select', reseller => 'select', operator => 'select, insert, update (resumed_by, resumed_at)');

-- An operator inside a tenant. The token's hash is for the entrance alone.
create table visit (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    operator_id uuid not null references operator_account (id),
    reason text not null,
    may_write boolean not null,
    token_hash bytea not null,
    began_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    ended_by text,
    constraint visit_pkey primary key (reseller_id, id),
    constraint visit_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint visit_token_unique unique (token_hash),
    constraint visit_reason check (length(reason) between 10 and 500),
    constraint visit_lasts check (expires_at > began_at and expires_at <= began_at + interval '60 minutes'),
    constraint visit_ended check ((ended_at is null) = (ended_by is null)),
    constraint visit_ended_by check (ended_by in ('operator', 'tenant'))
);
create index visit_of_tenant on visit (tenant_id, id);
create index visit_of_operator on visit (operator_id, id);
call tenancy.declare('visit', 'own',
    customer => 'select (reseller_id, tenant_id, id, operator_id, reason, may_write, began_at, expires_at, ended_at, ended_by), update (ended_at, ended_by)',
    reseller => 'select (reseller_id, tenant_id, id, operator_id, reason, may_write, began_at, expires_at, ended_at, ended_by), update (ended_at, ended_by)',
    entrance => 'select (reseller_id, tenant_id, id, operator_id, may_write, token_hash, expires_at, ended_at)',
    operator => 'select, insert, update (ended_at, ended_by)');

-- Work that was booked during a visit is done on the visit's behalf.
alter table job drop constraint job_initiator;
alter table job add constraint job_initiator check (initiated_by_kind in ('user', 'api_key', 'system', 'operator'));
