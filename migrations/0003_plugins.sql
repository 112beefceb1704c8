-- Code that resellers bring, and the carriers it talks to. All of it is the reseller's house: a customer's
-- work reaches it only through app_house.

create table plugin (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    world text not null,
    created_at timestamptz not null,
    constraint plugin_pkey primary key (reseller_id, id),
    constraint plugin_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint plugin_name_unique unique (reseller_id, name),
    constraint plugin_name check (name ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$'),
    constraint plugin_world check (world in ('carrier', 'pricing', 'branding'))
);
create index plugin_of_tenant on plugin (tenant_id);
call tenancy.declare('plugin', 'house', reseller => 'select, insert', house => 'select');

-- An uploaded component, immutable, named by its SHA-256 digest (hex). Refused uploads keep their report, not their bytes.
create table release (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    plugin_id uuid not null,
    digest text not null,
    size_bytes integer not null,
    component bytea,
    version text not null,
    description jsonb not null,
    -- The checks in order: name, passed, figure, limit, message.
    report jsonb not null,
    state text not null,
    created_at timestamptz not null,
    constraint release_pkey primary key (reseller_id, id),
    constraint release_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint release_plugin foreign key (reseller_id, plugin_id) references plugin (reseller_id, id),
    constraint release_digest check (digest ~ '^[0-9a-f]{64}$'),
    constraint release_state check (state in ('refused', 'checked', 'approved')),
    constraint release_bytes check ((component is null) = (state = 'refused'))
);
create unique index release_digest_unique on release (reseller_id, plugin_id, digest) where state <> 'refused';
create index release_by_digest on release (reseller_id, digest);
create index release_of_tenant on release (tenant_id);
insert into transition values ('release', 'checked', 'approved');
create trigger release_transition before update on release for each row execute function tenancy.check_transition();
call tenancy.declare('release', 'house', reseller => 'select, insert, update (state)', house => 'select');

-- A capability that a person approved for one release.
create table capability_grant (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    release_id uuid not null,
    kind text not null,
    handle text not null,
    granted_by uuid,
    granted_at timestamptz not null,
    constraint capability_grant_pkey primary key (reseller_id, id),
    constraint capability_grant_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint capability_grant_release foreign key (reseller_id, release_id) references release (reseller_id, id),
    constraint capability_grant_once unique (reseller_id, release_id, kind, handle),
    constraint capability_grant_kind check (kind in ('destination', 'credential', 'import'))
);
create index capability_grant_of_tenant on capability_grant (tenant_id);
call tenancy.declare('capability_grant', 'house', reseller => 'select, insert', house => 'select');

create table carrier (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    name text not null,
    created_at timestamptz not null,
    constraint carrier_pkey primary key (reseller_id, id),
    constraint carrier_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint carrier_name_unique unique (reseller_id, name)
);
create index carrier_of_tenant on carrier (tenant_id);
call tenancy.declare('carrier', 'shared',
    customer => 'select (reseller_id, tenant_id, id, name)', reseller => 'select, insert', house => 'select');

create table destination (
    reseller_id uuid not null,
    tenant_id uuid not null,
    carrier_id uuid not null,
    handle text not null,
    base_url text not null,
    changed_at timestamptz not null,
    constraint destination_pkey primary key (reseller_id, carrier_id, handle),
    constraint destination_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint destination_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id)
);
create index destination_of_tenant on destination (tenant_id);
call tenancy.declare('destination', 'house', reseller => 'select, insert, update (base_url, changed_at)', house => 'select');

create table credential (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    carrier_id uuid not null,
    handle text not null,
    kind text not null,
    -- Sealed under the tenant's key with tenant and credential as associated data; emptied on removal.
    sealed bytea not null,
    created_at timestamptz not null,
    removed_at timestamptz,
    constraint credential_pkey primary key (reseller_id, id),
    constraint credential_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint credential_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint credential_kind check (kind in ('bearer', 'header', 'basic', 'oauth2')),
    constraint credential_removed_is_gone check ((removed_at is null) = (sealed <> ''))
);
create unique index credential_once on credential (reseller_id, carrier_id, handle) where removed_at is null;
create index credential_of_tenant on credential (tenant_id);
call tenancy.declare('credential', 'house', reseller => 'select, insert, update (removed_at, sealed)', house => 'select');

-- The only destinations a credential may leave the host for. Changing a destination's base URL deletes its rows.
create table credential_destination (
    reseller_id uuid not null,
    tenant_id uuid not null,
    credential_id uuid not null,
    carrier_id uuid not null,
    handle text not null,
    constraint credential_destination_pkey primary key (reseller_id, credential_id, carrier_id, handle),
    constraint credential_destination_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint credential_destination_credential foreign key (reseller_id, credential_id) references credential (reseller_id, id),
    constraint credential_destination_destination foreign key (reseller_id, carrier_id, handle)
        references destination (reseller_id, carrier_id, handle)
);
create index credential_destination_of_tenant on credential_destination (tenant_id);
call tenancy.declare('credential_destination', 'house', reseller => 'select, insert, delete', house => 'select');

-- Which release serves a world, with which settings, for whom, since when. Rows never change: the newest row
-- effective at a time answers for that time, a row for one customer before a row for all.
create table activation (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    world text not null,
    -- For the carrier world only.
    carrier_id uuid,
    -- Null: every customer.
    customer_id uuid,
    release_id uuid not null,
    settings jsonb not null,
    effective_at timestamptz not null,
    created_at timestamptz not null,
    created_by uuid,
    constraint activation_pkey primary key (reseller_id, id),
    constraint activation_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint activation_release foreign key (reseller_id, release_id) references release (reseller_id, id),
    constraint activation_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint activation_customer foreign key (reseller_id, customer_id) references tenant (reseller_id, tenant_id),
    constraint activation_world check (world in ('carrier', 'pricing', 'branding')),
    constraint activation_carrier_given check ((world = 'carrier') = (carrier_id is not null))
);
create index activation_serving on activation (reseller_id, world, effective_at desc, created_at desc);
create index activation_of_tenant on activation (tenant_id);
call tenancy.declare('activation', 'house', reseller => 'select, insert', house => 'select');

-- What every call of a plugin cost and how it ended.
create table plugin_run (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    digest text not null,
    function text not null,
    -- Whom the call was for.
    for_tenant_id uuid not null,
    fuel bigint not null,
    wall_us bigint not null,
    memory_bytes bigint not null,
    outcome text not null,
    input_hash bytea not null,
    at timestamptz not null,
    constraint plugin_run_pkey primary key (reseller_id, id),
    constraint plugin_run_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint plugin_run_for foreign key (reseller_id, for_tenant_id) references tenant (reseller_id, tenant_id)
);
create index plugin_run_of_tenant on plugin_run (tenant_id, at desc);
create index plugin_run_of_digest on plugin_run (reseller_id, digest, at desc);
call tenancy.declare('plugin_run', 'house', reseller => 'select, insert', house => 'select, insert');
