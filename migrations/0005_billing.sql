-- From verified facts to invoices. Everything here is written once; numbers are gapless per seller.

create table billing_run (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    level text not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    currency text not null,
    time_zone text not null,
    release_id uuid not null,
    digest text not null,
    settings jsonb not null,
    created_at timestamptz not null,
    constraint billing_run_pkey primary key (reseller_id, id),
    constraint billing_run_of_tenant unique (reseller_id, tenant_id, id),
    constraint billing_run_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint billing_run_once unique (reseller_id, tenant_id, level, period_start),
    constraint billing_run_level check (level in ('cost', 'wholesale', 'retail')),
    constraint billing_run_period check (period_end > period_start)
);
create index billing_run_of_tenant_by_period on billing_run (tenant_id, period_start desc);
-- The settings are the reseller's own: they can tell of prices that are not this customer's.
call tenancy.declare('billing_run', 'own',
    customer => 'select (reseller_id, tenant_id, id, level, period_start, period_end, currency, time_zone, release_id, digest, created_at)',
    reseller => 'select, insert');

-- What priced a port's charges: whoever may read the release can run it again.
create table receipt (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    billing_run_id uuid not null,
    customer_id uuid not null,
    port_id uuid not null,
    digest text not null,
    engine text not null,
    input jsonb not null,
    input_hash bytea not null,
    output jsonb not null,
    output_hash bytea not null,
    created_at timestamptz not null,
    constraint receipt_pkey primary key (reseller_id, id),
    constraint receipt_of_tenant unique (reseller_id, tenant_id, id),
    constraint receipt_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint receipt_run foreign key (reseller_id, tenant_id, billing_run_id)
        references billing_run (reseller_id, tenant_id, id),
    constraint receipt_port foreign key (reseller_id, customer_id, port_id) references port (reseller_id, tenant_id, id)
);
create index receipt_of_tenant_by_port on receipt (tenant_id, port_id, created_at desc);
-- The input holds the settings, which are the reseller's own.
call tenancy.declare('receipt', 'own',
    customer => 'select (reseller_id, tenant_id, id, billing_run_id, customer_id, port_id, digest, engine, input_hash, output, output_hash, created_at)',
    reseller => 'select, insert');

-- tenant_id is the buyer: a customer at retail, the reseller itself at cost and wholesale, so that a buy price is
-- never in a customer's rows. customer_id is whose port it is.
create table charge (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    billing_run_id uuid not null,
    receipt_id uuid not null,
    level text not null,
    seller_id uuid,
    customer_id uuid not null,
    port_id uuid not null,
    n integer not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    code text not null,
    description text not null,
    quantity numeric(24, 9) not null,
    unit text not null,
    unit_price numeric(24, 9) not null,
    amount numeric(24, 9) not null,
    explanation text not null,
    constraint charge_pkey primary key (reseller_id, id),
    constraint charge_of_tenant unique (reseller_id, tenant_id, id),
    constraint charge_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint charge_run foreign key (reseller_id, tenant_id, billing_run_id)
        references billing_run (reseller_id, tenant_id, id),
    constraint charge_receipt foreign key (reseller_id, tenant_id, receipt_id)
        references receipt (reseller_id, tenant_id, id),
    constraint charge_port foreign key (reseller_id, customer_id, port_id) references port (reseller_id, tenant_id, id),
    constraint charge_seller foreign key (seller_id) references tenant (tenant_id),
    constraint charge_n_unique unique (reseller_id, receipt_id, n),
    constraint charge_level check (level in ('cost', 'wholesale', 'retail')),
    constraint charge_retail_buyer check ((level = 'retail') = (tenant_id <> reseller_id)),
    -- The carrier is no tenant, so cost has no seller.
    constraint charge_seller_given check ((level = 'cost') = (seller_id is null))
);
create index charge_of_tenant_by_port on charge (tenant_id, port_id, starts_at);
call tenancy.declare('charge', 'own', customer => 'select', reseller => 'select, insert');

-- The last number a seller issued. Taken by update in the transaction that issues, so numbers have no gaps.
create table number_sequence (
    reseller_id uuid not null,
    tenant_id uuid not null,
    name text not null,
    last integer not null,
    constraint number_sequence_pkey primary key (reseller_id, tenant_id, name),
    constraint number_sequence_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id)
);
create index number_sequence_of_tenant on number_sequence (tenant_id);
call tenancy.declare('number_sequence', 'house', reseller => 'select, insert, update (last)', operator => 'select, insert, update (last)');

create table invoice (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    seller_id uuid not null references tenant (tenant_id),
    billing_run_id uuid not null,
    number text not null,
    period_start timestamptz not null,
    period_end timestamptz not null,
    time_zone text not null,
    currency text not null,
    total numeric(24, 9) not null,
    -- The brand it was issued under.
    brand_release_id uuid,
    brand_settings jsonb,
    issued_at timestamptz not null,
    constraint invoice_pkey primary key (reseller_id, id),
    constraint invoice_of_tenant unique (reseller_id, tenant_id, id),
    constraint invoice_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint invoice_run foreign key (reseller_id, tenant_id, billing_run_id)
        references billing_run (reseller_id, tenant_id, id),
    constraint invoice_run_once unique (reseller_id, billing_run_id),
    constraint invoice_number_unique unique (seller_id, number),
    constraint invoice_brand foreign key (reseller_id, brand_release_id) references release (reseller_id, id)
);
create index invoice_listed on invoice (tenant_id, id);
call tenancy.declare('invoice', 'own', customer => 'select', reseller => 'select, insert');

create table invoice_line (
    reseller_id uuid not null,
    tenant_id uuid not null,
    invoice_id uuid not null,
    n integer not null,
    charge_id uuid not null,
    -- Rounded once, half away from zero, to the currency's minor unit.
    amount numeric(24, 9) not null,
    constraint invoice_line_pkey primary key (reseller_id, invoice_id, n),
    constraint invoice_line_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint invoice_line_invoice foreign key (reseller_id, tenant_id, invoice_id)
        references invoice (reseller_id, tenant_id, id),
    constraint invoice_line_charge foreign key (reseller_id, tenant_id, charge_id) references charge (reseller_id, tenant_id, id),
    constraint invoice_line_charge_once unique (reseller_id, charge_id)
);
create index invoice_line_of_tenant on invoice_line (tenant_id, invoice_id, n);
call tenancy.declare('invoice_line', 'own', customer => 'select', reseller => 'select, insert');
