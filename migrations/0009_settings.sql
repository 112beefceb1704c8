-- What tenants set for themselves, so that two of them can run the same code by their own words and rules. What is in
-- force for a tenant is its own value, else its reseller's, else the platform's: the reseller's are readable by its
-- customers, so that one query in whatever transaction is open finds it.

create table setting (
    reseller_id uuid not null,
    tenant_id uuid not null,
    key text not null,
    -- Null after it was removed: its version goes on, so that an old ETag never fits again.
    value jsonb,
    version integer not null,
    changed_by_kind text not null,
    changed_by uuid,
    changed_at timestamptz not null,
    constraint setting_pkey primary key (reseller_id, tenant_id, key),
    constraint setting_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index setting_of_tenant on setting (tenant_id, key);
call tenancy.declare('setting', 'shared',
    customer => 'select (reseller_id, tenant_id, key, value, version, changed_at)',
    reseller => 'select, insert, update (value, version, changed_by_kind, changed_by, changed_at)');

create table customer_setting (
    reseller_id uuid not null,
    tenant_id uuid not null,
    key text not null,
    value jsonb,
    version integer not null,
    changed_by_kind text not null,
    changed_by uuid,
    changed_at timestamptz not null,
    constraint customer_setting_pkey primary key (reseller_id, tenant_id, key),
    constraint customer_setting_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index customer_setting_of_tenant on customer_setting (tenant_id, key);
call tenancy.declare('customer_setting', 'own',
    customer => 'select, insert, update (value, version, changed_by_kind, changed_by, changed_at)',
    reseller => 'select, insert, update (value, version, changed_by_kind, changed_by, changed_at)');

-- The values of fields that a reseller invented. A row each, as text in its normal form: equality on a column is what an
-- index serves under row-level security.
create table field_value (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    -- Null for a field of the customer itself.
    port_id uuid,
    field text not null,
    value text,
    -- A personal one, under the tenant's key.
    sealed bytea,
    constraint field_value_pkey primary key (reseller_id, id),
    constraint field_value_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint field_value_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint field_value_once unique nulls not distinct (reseller_id, tenant_id, port_id, field),
    constraint field_value_either check ((value is null) <> (sealed is null))
);
create index field_value_found on field_value (tenant_id, field, value, port_id);
create index field_value_found_by_reseller on field_value (reseller_id, field, value, port_id, tenant_id);
create index field_value_of_port on field_value (tenant_id, port_id);
call tenancy.declare('field_value', 'own',
    customer => 'select', reseller => 'select, insert, update (value, sealed), delete');

-- What people edit has a version for its ETag.
alter table port add column version integer not null default 1;
alter table tenant add column version integer not null default 1;
grant update (name, version) on port to app_reseller;
grant update (version) on tenant to app_reseller;

-- A bandwidth change's wait for somebody's yes, by the rules of the moment in which it was booked.
create table approval (
    reseller_id uuid not null,
    tenant_id uuid not null,
    change_id uuid not null,
    -- The rules that it met.
    because text[] not null,
    four_eyes boolean not null,
    approvers text not null,
    -- The person who booked it, where that is known: keys stand for whoever made them.
    asked_by uuid,
    expires_at timestamptz not null,
    decided_at timestamptz,
    decided_by_kind text,
    decided_by uuid,
    constraint approval_pkey primary key (reseller_id, change_id),
    constraint approval_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint approval_change foreign key (reseller_id, tenant_id, change_id)
        references bandwidth_change (reseller_id, tenant_id, id),
    constraint approval_approvers check (approvers in ('anyone', 'reseller')),
    constraint approval_decided check (
        (decided_at is null) = (decided_by is null) and (decided_at is null) = (decided_by_kind is null))
);
create index approval_of_tenant on approval (tenant_id, change_id);
call tenancy.declare('approval', 'own',
    customer => 'select, insert, update (decided_at, decided_by_kind, decided_by)',
    reseller => 'select, insert, update (decided_at, decided_by_kind, decided_by)');

-- What needs a person, and who was called. One for each return leg or operation.
create table alert (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    subject_id uuid not null,
    port_id uuid,
    text text not null,
    state text not null,
    -- Memberships of the reseller, which the alert outlives.
    called uuid[] not null,
    step integer not null,
    raised_at timestamptz not null,
    acknowledged_at timestamptz,
    acknowledged_by_kind text,
    acknowledged_by uuid,
    resolved_at timestamptz,
    constraint alert_pkey primary key (reseller_id, id),
    constraint alert_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint alert_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint alert_once unique (reseller_id, subject_id),
    constraint alert_kind check (kind in ('return_leg', 'operation')),
    constraint alert_state check (state in ('open', 'acknowledged', 'resolved'))
);
create index alert_listed on alert (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('alert', 'open', 'acknowledged'), ('alert', 'open', 'resolved'), ('alert', 'acknowledged', 'resolved');
create trigger alert_transition before update on alert for each row execute function tenancy.check_transition();
call tenancy.declare('alert', 'own',
    customer => 'select, insert, update (state, called, step, resolved_at)',
    reseller => 'select, insert, update (state, called, step, acknowledged_at, acknowledged_by_kind, acknowledged_by, resolved_at)');
