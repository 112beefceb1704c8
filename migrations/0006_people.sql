-- Mail to people: queued with what it tells of, sent after that is kept. An invitation's token goes by mail alone, so
-- whoever shows it reads the mailbox that was invited.

create table mail (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    kind text not null,
    -- Recipient and values, sealed under the tenant's key; gone once nothing more will be sent.
    sealed bytea,
    state text not null default 'queued',
    attempts integer not null default 0,
    last_error text,
    created_at timestamptz not null,
    settled_at timestamptz,
    constraint mail_pkey primary key (reseller_id, id),
    constraint mail_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint mail_state check (state in ('queued', 'sent', 'failed')),
    constraint mail_forgotten check ((state = 'queued') = (sealed is not null))
);
create index mail_of_tenant on mail (tenant_id, created_at);
insert into transition (machine, from_state, to_state) values ('mail', 'queued', 'sent'), ('mail', 'queued', 'failed');
create trigger mail_transition before update on mail for each row execute function tenancy.check_transition();
call tenancy.declare('mail', 'own',
    customer => 'select, insert, update (state, sealed, attempts, last_error, settled_at)',
    reseller => 'select, insert, update (state, sealed, attempts, last_error, settled_at)');

alter table invitation
    add column withdrawn_at timestamptz,
    -- How often its mail was sent.
    add column sent integer not null default 1;
grant select (withdrawn_at, sent), update (withdrawn_at, token_hash, expires_at, sent) on invitation to app_customer, app_reseller;
