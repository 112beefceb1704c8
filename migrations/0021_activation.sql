-- What becomes of an activation: one that serves several customers is one decision, one can end what customers had of their
-- own, one can carry conditions under which it is taken back, and it can be withdrawn. Its row never changes.

alter table activation
    -- The activation that this row is a part of, when one decision is for several customers; its first row has none.
    add column decision_id uuid,
    -- For all customers: what they had of their own before counts no more.
    add column replaces_own boolean not null default false,
    -- When the host takes it back by itself; in the first row of a decision.
    add column trip jsonb,
    add constraint activation_decision foreign key (reseller_id, decision_id) references activation (reseller_id, id),
    add constraint activation_replaces_for_all check (not replaces_own or customer_id is null);
create index activation_of_decision on activation (reseller_id, decision_id) where decision_id is not null;

-- From `at` on an activation does not serve, and what served before it does. Before `at` it did, if it was in effect.
create table activation_withdrawal (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    activation_id uuid not null,
    reason text not null,
    -- For people: what tripped, or why somebody took it back.
    detail text not null,
    at timestamptz not null,
    withdrawn_by uuid,
    constraint activation_withdrawal_pkey primary key (reseller_id, id),
    constraint activation_withdrawal_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint activation_withdrawal_activation foreign key (reseller_id, activation_id) references activation (reseller_id, id),
    constraint activation_withdrawal_once unique (reseller_id, activation_id),
    constraint activation_withdrawal_reason check (reason in ('cancelled', 'rolled_back', 'tripped'))
);
create index activation_withdrawal_of_tenant on activation_withdrawal (tenant_id);
call tenancy.declare('activation_withdrawal', 'house', reseller => 'select, insert', house => 'select');

-- An answer that a plugin gave in good order and that breaks a rule of the host, such as a charge outside of its period.
create table rejected_answer (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    digest text not null,
    -- Whom the call was for.
    for_tenant_id uuid not null,
    rule text not null,
    at timestamptz not null,
    constraint rejected_answer_pkey primary key (reseller_id, id),
    constraint rejected_answer_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint rejected_answer_for foreign key (reseller_id, for_tenant_id) references tenant (reseller_id, tenant_id)
);
create index rejected_answer_of_tenant on rejected_answer (tenant_id);
create index rejected_answer_of_digest on rejected_answer (reseller_id, digest, at);
call tenancy.declare('rejected_answer', 'house', reseller => 'select, insert', house => 'select, insert');

-- A failed call has its activation judged, whoever the call was for: the house door adds that one job.
call tenancy.admit('job', 'app_house', 'insert',
    'tenant_id = reseller_id and reseller_id = nullif(current_setting(''app.reseller_id'', true), '''')::uuid');

alter table alert drop constraint alert_kind;
alter table alert add constraint alert_kind check (kind in ('return_leg', 'operation', 'activation'));
