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

-- An address is its person's only once the mailbox has shown it: until then others may have given it too.
alter table user_account
    add column email_proven_at timestamptz,
    -- Since when another account stands for the person.
    add column ended_at timestamptz;
alter table user_account drop constraint user_account_email_unique;
create unique index user_account_email_unique on user_account (email) where email_proven_at is not null;
create index user_account_email on user_account (email);
grant update (email_proven_at, ended_at) on user_account to app_entrance;
grant update (user_id, created_at, removed_at) on membership to app_entrance;
grant update (created_by) on api_key to app_entrance;

-- Ways to show that one reads the mailbox of a person's address, each once.
create table mailbox_token (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    user_id uuid not null references user_account (id),
    kind text not null,
    token_hash bytea not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    constraint mailbox_token_pkey primary key (reseller_id, id),
    constraint mailbox_token_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint mailbox_token_unique unique (token_hash),
    constraint mailbox_token_kind check (kind in ('password_reset', 'address_proof'))
);
create index mailbox_token_of_tenant on mailbox_token (tenant_id, created_at);
create index mailbox_token_of_user on mailbox_token (user_id) where used_at is null;
call tenancy.declare('mailbox_token', 'own',
    customer => 'select (reseller_id, tenant_id, id, user_id, kind, created_at, expires_at, used_at)',
    reseller => 'select (reseller_id, tenant_id, id, user_id, kind, created_at, expires_at, used_at)',
    entrance => 'select, insert, update (used_at)');

-- How often something was tried at the entrance. Keys are keyed hashes, so that a row names neither person nor machine.
create table attempt (
    key bytea primary key,
    tries integer not null,
    last_at timestamptz not null
);
create index attempt_old on attempt (last_at);
call tenancy.declare('attempt', 'platform', 'counts tries before anybody is known, shared by all hosts',
    entrance => 'select, insert, update, delete');

-- A key knows which key made it, with which it ends, and which one it succeeds while both live.
alter table api_key
    add column made_by uuid,
    add column succeeds uuid,
    add constraint api_key_within_tenant unique (reseller_id, tenant_id, id),
    add constraint api_key_made_by foreign key (reseller_id, tenant_id, made_by)
        references api_key (reseller_id, tenant_id, id),
    add constraint api_key_succeeds foreign key (reseller_id, tenant_id, succeeds)
        references api_key (reseller_id, tenant_id, id),
    add constraint api_key_one_successor unique (reseller_id, succeeds);
create index api_key_made on api_key (reseller_id, made_by) where made_by is not null;
grant select (made_by, succeeds), update (expires_at) on api_key to app_customer, app_reseller;
