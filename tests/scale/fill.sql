-- A thousand tenants: a hundred resellers with nine customers each, the first reseller with a hundred times the rows of
-- each other. $rows is replaced by the rows of each large table. Run as a superuser, in parts divided by `---` lines: the
-- first makes the tenants, each other fills what one module reads, as somebody who is not bound by links.

--- tenants
create schema scale;
create function scale.id(kind integer, n bigint) returns uuid language sql immutable parallel safe
    return (lpad(to_hex(kind), 8, '0') || '-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid;
set session_replication_role = replica;
-- Whose the n-th row is: half of all rows are the first reseller's.
create unlogged table scale.row as
    select n, scale.id(1, r * 10) as reseller_id, scale.id(1, r * 10 + 1 + (n / 199) % 9) as tenant_id,
        scale.id(3, r) as carrier_id, '2026-01-01T00:00:00Z'::timestamptz + n * interval '1 second' as at
    from (select n, case when n % 199 < 100 then 0 else n % 199 - 99 end as r from generate_series(0, $rows - 1) n) rows;
create index on scale.row (n);
analyze scale.row;
insert into tenant (reseller_id, tenant_id, kind, slug, name, currency, time_zone, created_at)
    select scale.id(1, r * 10), scale.id(1, r * 10 + c), case c when 0 then 'reseller' else 'customer' end,
        'scale-' || r || '-' || c, 'x', 'EUR', 'UTC', '2026-01-01'
    from generate_series(0, 99) r, generate_series(0, 9) c;
insert into carrier (reseller_id, tenant_id, id, name, created_at)
    select scale.id(1, r * 10), scale.id(1, r * 10), scale.id(3, r), 'carrier', '2026-01-01' from generate_series(0, 99) r;

--- ports
insert into port (reseller_id, tenant_id, id, name, carrier_id, reference, created_at)
    select reseller_id, tenant_id, scale.id(2, n), 'port ' || n, carrier_id, n::text, at from scale.row;
insert into port_base (reseller_id, tenant_id, id, port_id, mbps, effective_at)
    select reseller_id, tenant_id, scale.id(4, n), scale.id(2, n), 1000, at from scale.row;
insert into bandwidth_change (reseller_id, tenant_id, id, port_id, quote_id, kind, mbps, starts_at, ends_at, state, initiated_by_kind, initiated_by, created_at)
    select reseller_id, tenant_id, scale.id(6, n), scale.id(2, n), scale.id(5, n), 'window', 5000, at, at + interval '1 hour',
        case n % 10 when 0 then 'scheduled' else 'verified' end, 'user', scale.id(7, n), at from scale.row;
insert into observation (reseller_id, tenant_id, id, port_id, operation_id, mbps, observed_at)
    select reseller_id, tenant_id, scale.id(8, n), scale.id(2, n), scale.id(9, n), 1000, at from scale.row;

--- changes
insert into quote (reseller_id, tenant_id, id, port_id, kind, mbps, starts_at, ends_at, currency, amount, lines, digest, settings, created_at, expires_at)
    select reseller_id, tenant_id, scale.id(5, n), scale.id(2, n), 'window', 5000, at, at + interval '1 hour', 'EUR', 1, '[]', 'd', '{}', at, at
    from scale.row;
insert into return_leg (reseller_id, tenant_id, id, change_id, port_id, due_at, state)
    select reseller_id, tenant_id, scale.id(10, n), scale.id(6, n), scale.id(2, n), at, 'verified' from scale.row;
insert into operation (reseller_id, tenant_id, id, kind, carrier_id, port_id, port_reference, port_data, change_id, release_id, settings, destinations, state, asked_at)
    select reseller_id, tenant_id, scale.id(9, n), 'change_bandwidth', carrier_id, scale.id(2, n), 'r', '', scale.id(6, n),
        scale.id(11, 0), '{}', '{}', 'done', at from scale.row;
insert into "interval" (reseller_id, tenant_id, id, port_id, mbps, starts_at, ends_at, start_basis, end_basis, opened_by, closed_by, state)
    select reseller_id, tenant_id, scale.id(12, n), scale.id(2, n), 1000, at, at + interval '1 hour', 'carrier', 'carrier',
        scale.id(8, n), scale.id(8, n), 'closed' from scale.row;
insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at, state, virtual_time,
        leased_until)
    select reseller_id, tenant_id, scale.id(13, n), 'run_operation', scale.id(9, n), 'user', scale.id(7, n), at,
        case when n % 1000 = 0 then 'waiting' when n % 5000 = 1 then 'running' else 'done' end,
        case when n % 2000 = 0 then null else n end, case when n % 1000 <> 0 and n % 5000 = 1 then at end from scale.row;

--- people
insert into user_account (id, email, name, created_at) select scale.id(7, n), n || '@example.com', 'x', at from scale.row;
insert into password (user_id, hash, changed_at) select scale.id(7, n), 'h', at from scale.row;
insert into membership (reseller_id, tenant_id, id, user_id, created_at)
    select reseller_id, tenant_id, scale.id(14, n), scale.id(7, n), at from scale.row;
insert into role (reseller_id, tenant_id, id, name, created_at)
    select reseller_id, tenant_id, scale.id(15, n), 'role ' || n, at from scale.row;
insert into role_permission (reseller_id, tenant_id, role_id, permission)
    select reseller_id, tenant_id, scale.id(15, n), 'ports.read' from scale.row;
insert into membership_role (reseller_id, tenant_id, membership_id, role_id)
    select reseller_id, tenant_id, scale.id(14, n), scale.id(15, n) from scale.row;
insert into session (reseller_id, tenant_id, id, user_id, token_hash, created_at, expires_at)
    select reseller_id, tenant_id, scale.id(16, n), scale.id(7, n), n::text::bytea, at, at + interval '12 hours' from scale.row;
insert into invitation (reseller_id, tenant_id, id, email, role_id, token_hash, created_at, expires_at)
    select reseller_id, tenant_id, scale.id(17, n), n || '@example.com', scale.id(15, n), n::text::bytea, at, at + interval '1 day' from scale.row;
insert into idempotency_key (reseller_id, tenant_id, principal_id, key, fingerprint, status, content_type, body, created_at)
    select reseller_id, tenant_id, scale.id(7, n), n::text, '', 200, 'application/json', '', at from scale.row;

--- keys
insert into api_key (reseller_id, tenant_id, id, name, prefix, secret_hash, permissions, created_by, created_at)
    select reseller_id, tenant_id, scale.id(18, n), 'x', 'key_', n::text::bytea, '{ports.read}', scale.id(7, n), at from scale.row;

--- billing
insert into billing_run (reseller_id, tenant_id, id, level, period_start, period_end, currency, time_zone, release_id, digest, settings, created_at)
    select reseller_id, tenant_id, scale.id(19, n), 'retail', at, at + interval '1 month', 'EUR', 'UTC', scale.id(11, 0), 'd', '{}', at from scale.row;
insert into receipt (reseller_id, tenant_id, id, billing_run_id, customer_id, port_id, digest, engine, input, input_hash, output, output_hash, created_at)
    select reseller_id, tenant_id, scale.id(20, n), scale.id(19, n), tenant_id, scale.id(2, n), 'd', 'e', '{}', '', '{}', '', at from scale.row;
insert into charge (reseller_id, tenant_id, id, billing_run_id, receipt_id, level, seller_id, customer_id, port_id, n, starts_at, ends_at, code, description, quantity, unit, unit_price, amount, explanation)
    select reseller_id, tenant_id, scale.id(21, n), scale.id(19, n), scale.id(20, n), 'retail', reseller_id, tenant_id, scale.id(2, n), 0, at, at, 'c', 'd', 1, 'u', 1, 1, 'e' from scale.row;
insert into invoice (reseller_id, tenant_id, id, seller_id, billing_run_id, number, period_start, period_end, time_zone, currency, total, issued_at)
    select reseller_id, tenant_id, scale.id(22, n), reseller_id, scale.id(19, n), n::text, at, at, 'UTC', 'EUR', 1, at from scale.row;
insert into invoice_line (reseller_id, tenant_id, invoice_id, n, charge_id, amount)
    select reseller_id, tenant_id, scale.id(22, n), 0, scale.id(21, n), 1 from scale.row;

--- trail
insert into audit_event (reseller_id, tenant_id, id, at, actor_kind, actor_id, action, target_kind, target_id, outcome, detail)
    select reseller_id, tenant_id, scale.id(23, n), at, 'user', scale.id(7, n), 'port.add', 'port', scale.id(2, n), 'done', '{}' from scale.row;
