-- One row of every table for one tenant. $reseller and $tenant are replaced; what stands under `house` is run for
-- resellers only, and first. Ids are derived from the tenant and a word, so that rows can be told apart and repeated.

--- own
insert into membership (reseller_id, tenant_id, id, user_id, created_at) values ($reseller, $tenant, $id(membership), $user, $now);
insert into role (reseller_id, tenant_id, id, name, created_at) values ($reseller, $tenant, $id(role), 'seeded', $now);
insert into role_permission values ($reseller, $tenant, $id(role), 'ports.read');
insert into membership_role values ($reseller, $tenant, $id(membership), $id(role));
insert into session (reseller_id, tenant_id, id, user_id, token_hash, created_at, expires_at) values ($reseller, $tenant, $id(session), $user, $id(session)::text::bytea, $now, $now);
insert into api_key (reseller_id, tenant_id, id, name, prefix, secret_hash, permissions, created_at) values ($reseller, $tenant, $id(api_key), 'seeded', 'key_', $id(api_key)::text::bytea, '{}', $now);
insert into api_key (reseller_id, tenant_id, id, name, prefix, secret_hash, permissions, created_at, made_by, succeeds) values ($reseller, $tenant, $id(api_key2), 'successor', 'key_', $id(api_key2)::text::bytea, '{}', $now, $id(api_key), $id(api_key));
insert into idempotency_key values ($reseller, $tenant, $id(principal), 'k', '', 200, 'application/json', '', $now);
insert into audit_event (reseller_id, tenant_id, id, at, actor_kind, action, target_kind, outcome, detail) values ($reseller, $tenant, $id(audit_event), $now, 'system', 'seed', 'seed', 'done', '{}');
insert into invitation (reseller_id, tenant_id, id, email, role_id, token_hash, created_at, expires_at) values ($reseller, $tenant, $id(invitation), 'x@example.com', $id(role), $id(invitation)::text::bytea, $now, $now + interval '1 day');
insert into mailbox_token (reseller_id, tenant_id, id, user_id, kind, token_hash, created_at, expires_at) values ($reseller, $tenant, $id(mailbox_token), $user, 'password_reset', $id(mailbox_token)::text::bytea, $now, $now);
insert into mail (reseller_id, tenant_id, id, kind, sealed, created_at) values ($reseller, $tenant, $id(mail), 'invitation', '', $now);
insert into port (reseller_id, tenant_id, id, name, carrier_id, reference, created_at) values ($reseller, $tenant, $id(port), 'port', $house(carrier), $id(port)::text, $now);
insert into quote (reseller_id, tenant_id, id, port_id, kind, mbps, starts_at, ends_at, currency, amount, lines, digest, settings, created_at, expires_at) values ($reseller, $tenant, $id(quote), $id(port), 'window', 5000, $now, $now + interval '1 hour', 'EUR', 1, '[]', 'd', '{}', $now, $now);
insert into bandwidth_change (reseller_id, tenant_id, id, port_id, quote_id, kind, mbps, starts_at, ends_at, state, initiated_by_kind, initiated_by, created_at) values ($reseller, $tenant, $id(change), $id(port), $id(quote), 'window', 5000, $now, $now + interval '1 hour', 'scheduled', 'user', $user, $now);
insert into approval (reseller_id, tenant_id, change_id, because, four_eyes, approvers, expires_at) values ($reseller, $tenant, $id(change), '{mbps_above}', true, 'anyone', $now);
insert into port_base (reseller_id, tenant_id, id, port_id, mbps, effective_at, change_id) values ($reseller, $tenant, $id(port_base), $id(port), 1000, $now, $id(change));
insert into return_leg (reseller_id, tenant_id, id, change_id, port_id, due_at, state) values ($reseller, $tenant, $id(return_leg), $id(change), $id(port), $now, 'reserved');
insert into operation (reseller_id, tenant_id, id, kind, carrier_id, port_id, port_reference, port_data, change_id, release_id, settings, destinations, state, asked_at) values ($reseller, $tenant, $id(operation), 'change_bandwidth', $house(carrier), $id(port), 'r', '', $id(change), $house(release), '{}', '{}', 'running', $now);
insert into operation (reseller_id, tenant_id, id, kind, carrier_id, port_id, port_reference, port_data, return_leg_id, release_id, settings, destinations, state, asked_at) values ($reseller, $tenant, $id(operation2), 'change_bandwidth', $house(carrier), $id(port), 'r', '', $id(return_leg), $house(release), '{}', '{}', 'running', $now);
insert into exchange (reseller_id, tenant_id, operation_id, n, method, destination, target, repeatable, request_hash, request, state, first_at, at) values ($reseller, $tenant, $id(operation), 0, 'GET', 'api', '/', true, '', '', 'answered', $now, $now);
insert into exchange_answer values ($reseller, $tenant, $id(operation), 0, 0, 'answered', 200, '', '', 1, $now, $now);
insert into observation (reseller_id, tenant_id, id, port_id, operation_id, mbps, observed_at) values ($reseller, $tenant, $id(observation), $id(port), $id(operation), 1000, $now);
insert into "interval" (reseller_id, tenant_id, id, port_id, mbps, starts_at, ends_at, start_basis, end_basis, opened_by, closed_by, state) values ($reseller, $tenant, $id(interval), $id(port), 1000, $now, $now + interval '1 hour', 'carrier', 'carrier', $id(observation), $id(observation), 'closed');
insert into job (reseller_id, tenant_id, id, kind, subject_id, initiated_by_kind, initiated_by, due_at) values ($reseller, $tenant, $id(job), 'run_operation', $id(operation), 'user', $user, $now);
insert into billing_run (reseller_id, tenant_id, id, level, period_start, period_end, currency, time_zone, release_id, digest, settings, created_at) values ($reseller, $tenant, $id(billing_run), $level, $now, $now + interval '1 day', 'EUR', 'UTC', $house(release), 'd', '{}', $now);
insert into receipt (reseller_id, tenant_id, id, billing_run_id, customer_id, port_id, digest, engine, input, input_hash, output, output_hash, created_at) values ($reseller, $tenant, $id(receipt), $id(billing_run), $tenant, $id(port), 'd', 'e', '{}', '', '{}', '', $now);
insert into charge (reseller_id, tenant_id, id, billing_run_id, receipt_id, level, seller_id, customer_id, port_id, n, starts_at, ends_at, code, description, quantity, unit, unit_price, amount, explanation) values ($reseller, $tenant, $id(charge), $id(billing_run), $id(receipt), $level, $reseller, $tenant, $id(port), 0, $now, $now, 'c', 'd', 1, 'u', 1, 1, 'e');
insert into invoice (reseller_id, tenant_id, id, seller_id, billing_run_id, number, period_start, period_end, time_zone, currency, total, brand_release_id, brand_settings, issued_at) values ($reseller, $tenant, $id(invoice), $reseller, $id(billing_run), $id(invoice)::text, $now, $now, 'UTC', 'EUR', 1, $house(release), '{}', $now);
insert into invoice_line values ($reseller, $tenant, $id(invoice), 0, $id(charge), 1);
insert into export (reseller_id, tenant_id, id, state, requested_by_kind, requested_by, requested_at, finished_at, expires_at, size_bytes, sha256) values ($reseller, $tenant, $id(export), 'ready', 'user', $user, $now, $now, $now, 1, '');
insert into export_part (reseller_id, tenant_id, export_id, n, sealed) values ($reseller, $tenant, $id(export), 0, '');
insert into departure (reseller_id, tenant_id, id, from_state, requested_by_kind, requested_by, requested_at, sent_away, export_waived, ends_at) values ($reseller, $tenant, $id(departure), 'active', 'user', $user, $now, false, true, $now);
insert into tenant_key (reseller_id, tenant_id, sealed, master_key_id, created_at) values ($reseller, $tenant, '', 'm', $now);
insert into suspension (reseller_id, tenant_id, id, reason, suspended_by, suspended_at) values ($reseller, $tenant, $id(suspension), 'because of a test', $operator, $now);
insert into visit (reseller_id, tenant_id, id, operator_id, reason, may_write, token_hash, began_at, expires_at) values ($reseller, $tenant, $id(visit), $operator, 'because of a test', false, $id(visit)::text::bytea, $now, $now + interval '1 minute');
insert into alert (reseller_id, tenant_id, id, kind, subject_id, port_id, text, state, called, step, raised_at) values ($reseller, $tenant, $id(alert), 'return_leg', $id(return_leg), $id(port), 'not back down', 'open', '{}', 0, $now);
insert into customer_setting (reseller_id, tenant_id, key, value, version, changed_by_kind, changed_by, changed_at) values ($reseller, $tenant, 'naming.port', '{"pattern": "x"}', 1, 'user', $user, $now);
insert into field_value (reseller_id, tenant_id, id, port_id, field, value) values ($reseller, $tenant, $id(field_value), $id(port), 'rack', 'r');
insert into limit_override (reseller_id, tenant_id, name, value, changed_at) values ($reseller, $tenant, 'ports', 1, $now);
insert into limit_lowered (reseller_id, tenant_id, name, value, changed_at) values ($reseller, $tenant, 'ports', 1, $now);
insert into rate_window (reseller_id, tenant_id, window_at, taken, granted) values ($reseller, $tenant, $now, 1, 1);

--- house
insert into domain (reseller_id, tenant_id, id, host, created_at) values ($reseller, $tenant, $id(domain), $id(domain)::text, $now);
insert into role (reseller_id, tenant_id, id, name, created_at) values ($reseller, $tenant, $id(joined_role), 'joined', $now);
insert into identity_provider (reseller_id, tenant_id, id, name, issuer, client_id, sealed, joins_tenant_id, joins_role_id, created_at) values ($reseller, $tenant, $id(identity_provider), 'idp', 'https://example.com', 'c', '', $tenant, $id(joined_role), $now);
insert into federated_identity (reseller_id, tenant_id, id, issuer, subject, user_id, created_at) values ($reseller, $tenant, $id(federated_identity), 'https://example.com', 's', $user, $now);
insert into federated_sign_in (reseller_id, tenant_id, id, provider_id, state_hash, asker_hash, sealed, redirect_uri, created_at, expires_at) values ($reseller, $tenant, $id(federated_sign_in), $id(identity_provider), $id(federated_sign_in)::text::bytea, '', '', '', $now, $now + interval '10 minutes');
insert into plugin (reseller_id, tenant_id, id, name, world, created_at) values ($reseller, $tenant, $id(plugin), 'plugin', 'carrier', $now);
insert into release (reseller_id, tenant_id, id, plugin_id, digest, size_bytes, component, version, description, report, state, created_at) values ($reseller, $tenant, $id(release), $id(plugin), repeat('0', 64), 0, '', '1', '{}', '[]', 'checked', $now);
insert into capability_grant (reseller_id, tenant_id, id, release_id, kind, handle, granted_at) values ($reseller, $tenant, $id(capability_grant), $id(release), 'destination', 'api', $now);
insert into carrier (reseller_id, tenant_id, id, name, created_at) values ($reseller, $tenant, $id(carrier), 'carrier', $now);
insert into destination (reseller_id, tenant_id, carrier_id, handle, base_url, changed_at) values ($reseller, $tenant, $id(carrier), 'api', 'https://example.com', $now);
insert into credential (reseller_id, tenant_id, id, carrier_id, handle, kind, sealed, created_at) values ($reseller, $tenant, $id(credential), $id(carrier), 'oauth', 'bearer', 's', $now);
insert into credential_destination (reseller_id, tenant_id, credential_id, carrier_id, handle) values ($reseller, $tenant, $id(credential), $id(carrier), 'api');
insert into activation (reseller_id, tenant_id, id, world, carrier_id, customer_id, release_id, settings, effective_at, created_at) values ($reseller, $tenant, $id(activation), 'carrier', $id(carrier), $customer, $id(release), '{}', $now, $now);
insert into activation (reseller_id, tenant_id, id, decision_id, world, carrier_id, customer_id, release_id, settings, effective_at, created_at) values ($reseller, $tenant, $id(activation2), $id(activation), 'carrier', $id(carrier), $customer, $id(release), '{}', $now, $now);
insert into activation_withdrawal (reseller_id, tenant_id, id, activation_id, reason, detail, at) values ($reseller, $tenant, $id(activation_withdrawal), $id(activation), 'rolled_back', '', $now);
insert into rejected_answer (reseller_id, tenant_id, id, digest, for_tenant_id, rule, at) values ($reseller, $tenant, $id(rejected_answer), 'd', $customer, 'r', $now);
insert into plugin_run (reseller_id, tenant_id, id, digest, function, for_tenant_id, fuel, wall_us, memory_bytes, outcome, input_hash, at) values ($reseller, $tenant, $id(plugin_run), 'd', 'price', $customer, 1, 1, 1, 'ok', '', $now);
insert into number_sequence values ($reseller, $tenant, 'invoice', 1);
insert into setting (reseller_id, tenant_id, key, value, version, changed_by_kind, changed_by, changed_at) values ($reseller, $tenant, 'naming.port', '{"pattern": "x"}', 1, 'user', $user, $now);
insert into reseller_plan (reseller_id, tenant_id, plan, changed_at) values ($reseller, $tenant, 'standard', $now);
insert into plugin_fuel (reseller_id, tenant_id, day, fuel) values ($reseller, $tenant, '2026-03-02', 1);
