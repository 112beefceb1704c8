-- What the probes of every key found missing: links that no foreign key held, and rows tied to their tenant only through
-- another row.

-- A run names the release that priced it.
alter table billing_run add constraint billing_run_release
    foreign key (reseller_id, release_id) references release (reseller_id, id);

-- Whoever pays is the reseller or the customer whose port it is, never that customer's neighbour.
alter table charge add constraint charge_payer check (tenant_id in (reseller_id, customer_id));
alter table receipt add constraint receipt_payer check (tenant_id in (reseller_id, customer_id));

alter table role_permission add constraint role_permission_tenant
    foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id);
alter table membership_role add constraint membership_role_tenant
    foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id);
