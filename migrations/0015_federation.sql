-- People sign in with their company's identity provider. Whom a provider speaks of is known by the reseller, the
-- provider's issuer and its name for the person, and never by an address: an address is what a provider says.

create table identity_provider (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    issuer text not null,
    client_id text not null,
    -- The client's secret, under the reseller's key.
    sealed bytea not null,
    -- What people join whom nobody invited; without it they are refused.
    joins_tenant_id uuid,
    joins_role_id uuid,
    created_at timestamptz not null,
    constraint identity_provider_pkey primary key (reseller_id, id),
    constraint identity_provider_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint identity_provider_joins foreign key (reseller_id, joins_tenant_id, joins_role_id)
        references role (reseller_id, tenant_id, id),
    constraint identity_provider_joins_both check ((joins_tenant_id is null) = (joins_role_id is null)),
    constraint identity_provider_name_unique unique (reseller_id, name)
);
create index identity_provider_of_tenant on identity_provider (tenant_id, id);
call tenancy.declare('identity_provider', 'house',
    reseller => 'select (reseller_id, tenant_id, id, name, issuer, client_id, joins_tenant_id, joins_role_id, created_at), insert, delete',
    house => 'select');

create table federated_identity (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    issuer text not null,
    subject text not null,
    user_id uuid not null references user_account (id),
    created_at timestamptz not null,
    constraint federated_identity_pkey primary key (reseller_id, id),
    constraint federated_identity_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint federated_identity_subject_unique unique (reseller_id, issuer, subject)
);
create index federated_identity_of_tenant on federated_identity (tenant_id, id);
create index federated_identity_of_user on federated_identity (user_id);
call tenancy.declare('federated_identity', 'house', reseller => 'select', entrance => 'select, insert');

-- Somebody has been sent to a provider and may come back, once and soon.
create table federated_sign_in (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    provider_id uuid not null,
    state_hash bytea not null,
    -- Of the secret that the asker's browser keeps.
    asker_hash bytea not null,
    -- Nonce and PKCE verifier, under the reseller's key.
    sealed bytea not null,
    invitation_hash bytea,
    redirect_uri text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint federated_sign_in_pkey primary key (reseller_id, id),
    constraint federated_sign_in_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint federated_sign_in_provider foreign key (reseller_id, provider_id)
        references identity_provider (reseller_id, id) on delete cascade,
    constraint federated_sign_in_state_unique unique (state_hash),
    constraint federated_sign_in_expires check (expires_at > created_at and expires_at <= created_at + interval '10 minutes')
);
create index federated_sign_in_of_tenant on federated_sign_in (tenant_id, expires_at);
create index federated_sign_in_of_provider on federated_sign_in (reseller_id, provider_id);
call tenancy.declare('federated_sign_in', 'house', entrance => 'select, insert, update (used_at), delete');
