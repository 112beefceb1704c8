-- What a carrier says that it has for a reseller, as it was last asked: what is there already can be taken in from it.

create table inventory (
    reseller_id uuid not null,
    tenant_id uuid not null,
    carrier_id uuid not null,
    state text not null,
    -- What reads the next page, or read the last.
    operation_id uuid not null,
    -- How many pages were read.
    pages integer not null,
    reason text,
    started_at timestamptz not null,
    ended_at timestamptz,
    constraint inventory_pkey primary key (reseller_id, carrier_id),
    constraint inventory_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint inventory_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint inventory_operation foreign key (reseller_id, tenant_id, operation_id)
        references operation (reseller_id, tenant_id, id),
    constraint inventory_state check (state in ('reading', 'read', 'failed'))
);
create index inventory_of_tenant on inventory (tenant_id);
insert into transition (machine, from_state, to_state) values
    ('inventory', 'reading', 'read'), ('inventory', 'reading', 'failed'),
    ('inventory', 'read', 'reading'), ('inventory', 'failed', 'reading');
create trigger inventory_transition before update on inventory
    for each row execute function tenancy.check_transition();
call tenancy.declare('inventory', 'house',
    reseller => 'select, insert, update (state, operation_id, pages, reason, started_at, ended_at)');

create table inventory_port (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    carrier_id uuid not null,
    reference text not null,
    mbps integer not null,
    -- Since when, if the carrier told.
    since timestamptz,
    constraint inventory_port_pkey primary key (reseller_id, id),
    constraint inventory_port_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint inventory_port_inventory foreign key (reseller_id, carrier_id) references inventory (reseller_id, carrier_id),
    constraint inventory_port_once unique (reseller_id, carrier_id, reference)
);
create index inventory_port_listed on inventory_port (tenant_id, carrier_id, id);
call tenancy.declare('inventory_port', 'house', reseller => 'select, insert, update (mbps, since), delete');

-- Which page of the carrier's ports an operation lists; null for the first.
alter table operation add column cursor text;
alter table operation add constraint operation_lists check (cursor is null or kind = 'list_ports');
