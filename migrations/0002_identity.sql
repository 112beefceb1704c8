-- Who may do what: people without tenants, memberships that give them one, and roles that are rows.

create table permission (
    name text primary key,
    -- Whether customers can hold it; the rest is the reseller's business.
    for_customers boolean not null,
    summary text not null
);
call tenancy.declare('permission', 'platform', 'what the code can ask for is the same everywhere',
    customer => 'select', reseller => 'select', entrance => 'select', operator => 'select');

create table membership (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null,
    created_at timestamptz not null,
    removed_at timestamptz,
    constraint membership_pkey primary key (reseller_id, id),
    constraint membership_of_tenant unique (reseller_id, tenant_id, id),
    constraint membership_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create unique index membership_once on membership (tenant_id, user_id) where removed_at is null;
create index membership_user on membership (user_id, reseller_id);

create table user_account (
    id uuid primary key,
    email text not null,
    name text not null,
    created_at timestamptz not null,
    constraint user_account_email_unique unique (email),
    constraint user_account_email_normal check (email = lower(email))
);
alter table membership add constraint membership_user foreign key (user_id) references user_account (id);

call tenancy.declare('membership', 'own',
    customer => 'select, insert, update (removed_at)', reseller => 'select, insert, update (removed_at)',
    entrance => 'select, insert');

call tenancy.declare('user_account', 'platform', 'one person can belong to several tenants; seen only through a membership in scope',
    customer => 'select (id, email, name)', reseller => 'select (id, email, name)',
    entrance => 'select, insert');
drop policy user_account_app_customer on user_account;
create policy user_account_app_customer on user_account for select to app_customer
    using (exists (select from membership where membership.user_id = user_account.id));
drop policy user_account_app_reseller on user_account;
create policy user_account_app_reseller on user_account for select to app_reseller
    using (exists (select from membership where membership.user_id = user_account.id));

create table password (
    user_id uuid primary key references user_account (id),
    hash text not null,
    changed_at timestamptz not null
);
call tenancy.declare('password', 'platform', 'belongs to a person, not to a tenant; only the entrance reads it',
    entrance => 'select, insert, update');

create table role (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    created_at timestamptz not null,
    constraint role_pkey primary key (reseller_id, id),
    constraint role_of_tenant unique (reseller_id, tenant_id, id),
    constraint role_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint role_name_unique unique (tenant_id, name)
);
call tenancy.declare('role', 'own',
    customer => 'select, insert, delete', reseller => 'select, insert, delete', entrance => 'select, insert');

create table role_permission (
    reseller_id uuid not null,
    tenant_id uuid not null,
    role_id uuid not null,
    permission text not null references permission (name),
    constraint role_permission_pkey primary key (reseller_id, tenant_id, role_id, permission),
    constraint role_permission_role foreign key (reseller_id, tenant_id, role_id)
        references role (reseller_id, tenant_id, id) on delete cascade
);
create index role_permission_of_tenant on role_permission (tenant_id, role_id);
call tenancy.declare('role_permission', 'own',
    customer => 'select, insert, delete', reseller => 'select, insert, delete', entrance => 'select, insert');

create table membership_role (
    reseller_id uuid not null,
    tenant_id uuid not null,
    membership_id uuid not null,
    role_id uuid not null,
    constraint membership_role_pkey primary key (reseller_id, tenant_id, membership_id, role_id),
    constraint membership_role_membership foreign key (reseller_id, tenant_id, membership_id)
        references membership (reseller_id, tenant_id, id),
    constraint membership_role_role foreign key (reseller_id, tenant_id, role_id)
        references role (reseller_id, tenant_id, id)
);
create index membership_role_of_tenant on membership_role (tenant_id, membership_id);
call tenancy.declare('membership_role', 'own',
    customer => 'select, insert, delete', reseller => 'select, insert, delete', entrance => 'select, insert');

create table session (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null references user_account (id),
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    constraint session_pkey primary key (reseller_id, id),
    constraint session_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint session_token_unique unique (token_hash)
);
create index session_of_tenant on session (tenant_id, created_at);
call tenancy.declare('session', 'own',
    customer => 'select (reseller_id, tenant_id, id, user_id, created_at, expires_at, ended_at), update (ended_at)',
    reseller => 'select (reseller_id, tenant_id, id, user_id, created_at, expires_at, ended_at), update (ended_at)',
    entrance => 'select, insert, update (tenant_id, ended_at)');

create table api_key (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    -- The first characters, for people to tell keys apart.
    prefix text not null,
    secret_hash bytea not null,
    permissions text[] not null,
    created_by uuid references user_account (id),
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    constraint api_key_pkey primary key (reseller_id, id),
    constraint api_key_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint api_key_secret_unique unique (secret_hash)
);
create index api_key_of_tenant on api_key (tenant_id, created_at);
call tenancy.declare('api_key', 'own',
    customer => 'select (reseller_id, tenant_id, id, name, prefix, permissions, created_by, created_at, expires_at, revoked_at, last_used_at), insert, update (revoked_at)',
    reseller => 'select (reseller_id, tenant_id, id, name, prefix, permissions, created_by, created_at, expires_at, revoked_at, last_used_at), insert, update (revoked_at)',
    entrance => 'select, update (last_used_at)');

create table idempotency_key (
    reseller_id uuid not null,
    tenant_id uuid not null,
    -- The API key or user that asked.
    principal_id uuid not null,
    key text not null,
    fingerprint bytea not null,
    status smallint not null,
    content_type text not null,
    body bytea not null,
    created_at timestamptz not null,
    constraint idempotency_key_pkey primary key (reseller_id, tenant_id, principal_id, key),
    constraint idempotency_key_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index idempotency_key_of_tenant on idempotency_key (tenant_id, created_at);
call tenancy.declare('idempotency_key', 'own', customer => 'select, insert', reseller => 'select, insert');

-- Rows are written in the transaction they tell of and never change. `xid` orders them for sealed checkpoints.
create table audit_event (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    actor_kind text not null,
    actor_id uuid,
    -- The person or key that work accepted earlier is done for.
    initiated_by uuid,
    action text not null,
    target_kind text not null,
    target_id uuid,
    outcome text not null,
    detail jsonb not null,
    constraint audit_event_pkey primary key (reseller_id, id),
    constraint audit_event_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint audit_event_actor check (actor_kind in ('user', 'api_key', 'system', 'operator', 'anonymous')),
    constraint audit_event_outcome check (outcome in ('done', 'denied', 'refused'))
);
create index audit_event_of_tenant on audit_event (tenant_id, at desc, id desc);
create index audit_event_of_reseller on audit_event (reseller_id, at desc, id desc);
call tenancy.declare('audit_event', 'own',
    customer => 'select, insert', reseller => 'select, insert', house => 'insert', entrance => 'insert', operator => 'insert');

-- A way in for one address, once. The token's hash alone is kept, and no user exists before it is accepted.
create table invitation (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    email text not null,
    role_id uuid not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    accepted_at timestamptz,
    constraint invitation_pkey primary key (reseller_id, id),
    constraint invitation_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint invitation_role foreign key (reseller_id, tenant_id, role_id) references role (reseller_id, tenant_id, id),
    constraint invitation_token_unique unique (token_hash),
    constraint invitation_expires check (expires_at > created_at and expires_at <= created_at + interval '30 days')
);
create index invitation_of_tenant on invitation (tenant_id, created_at);
call tenancy.declare('invitation', 'own',
    customer => 'select (reseller_id, tenant_id, id, email, role_id, created_at, expires_at, accepted_at), insert',
    reseller => 'select (reseller_id, tenant_id, id, email, role_id, created_at, expires_at, accepted_at), insert',
    entrance => 'select, update (accepted_at)');
