-- What calls of plugins for each tenant burned of their reseller's fuel, by day in UTC.
create table plugin_use (
    reseller_id uuid not null,
    tenant_id uuid not null,
    day date not null,
    calls bigint not null,
    fuel bigint not null,
    constraint plugin_use_pkey primary key (reseller_id, day, tenant_id),
    constraint plugin_use_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index plugin_use_of_tenant on plugin_use (tenant_id, day);
call tenancy.declare('plugin_use', 'own',
    reseller => 'select', house => 'select, insert, update (calls, fuel)');
