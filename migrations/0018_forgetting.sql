-- Whom an invitation was for is forgotten when it is over: accepted, withdrawn, or 30 days old.

grant update (email) on invitation to app_customer, app_reseller, app_entrance;

-- Before this they kept it. Forced row-level security binds the owner too, who sees no tenant's rows otherwise.
alter table invitation no force row level security;
update invitation set email = '' where accepted_at is not null or withdrawn_at is not null;
alter table invitation force row level security;

-- Who leaves is nobody's to join, and who is forgotten is known to no provider: neither keeps a tenant from leaving.
alter table identity_provider drop constraint identity_provider_joins;
alter table identity_provider add constraint identity_provider_joins
    foreign key (reseller_id, joins_tenant_id, joins_role_id) references role (reseller_id, tenant_id, id)
    on delete set null (joins_tenant_id, joins_role_id);
alter table federated_identity drop constraint federated_identity_user_id_fkey;
alter table federated_identity add constraint federated_identity_user_id_fkey
    foreign key (user_id) references user_account (id) on delete cascade;
