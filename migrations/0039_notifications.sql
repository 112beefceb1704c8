-- What carriers say by themselves. Each carrier can have an inbox, whose address nobody can guess; what arrives there wakes
-- what waits for it, and sets nothing.

-- Identity's, since whoever knocks is known by the address alone.
create table inbox (
    reseller_id uuid not null,
    tenant_id uuid not null,
    carrier_id uuid not null,
    token_hash bytea not null,
    -- How each notification is signed (HMAC-SHA256 of the body): the header, how it is written, and what stands before it.
    signature_header text,
    signature_encoding text,
    signature_prefix text,
    -- The key, sealed.
    signature_key bytea,
    changed_at timestamptz not null,
    constraint inbox_pkey primary key (reseller_id, carrier_id),
    constraint inbox_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint inbox_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint inbox_token unique (token_hash),
    constraint inbox_encoding check (signature_encoding in ('hex', 'base64')),
    constraint inbox_signature check (
        num_nulls(signature_header, signature_encoding, signature_prefix, signature_key) in (0, 4))
);
create index inbox_of_tenant on inbox (tenant_id);
call tenancy.declare('inbox', 'house',
    reseller => 'select, insert, update (token_hash, signature_header, signature_encoding, signature_prefix, signature_key, changed_at), delete',
    entrance => 'select (reseller_id, tenant_id, carrier_id, token_hash)');

create table notification (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    carrier_id uuid not null,
    -- Headers and body, sealed, and the hash by which the same one is known again.
    sealed bytea not null,
    hash bytea not null,
    state text not null,
    -- What the adapter says that it is about.
    keys text[] not null default '{}',
    -- The operations that it woke or that it had started.
    operations uuid[] not null default '{}',
    reason text,
    received_at timestamptz not null,
    -- How often the same one came, and when it last did.
    times integer not null default 1,
    last_at timestamptz not null,
    constraint notification_pkey primary key (reseller_id, id),
    constraint notification_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint notification_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint notification_state check (state in ('received', 'handled', 'failed'))
);
create index notification_listed on notification (tenant_id, carrier_id, id);
create index notification_known on notification (reseller_id, carrier_id, hash, received_at);
create index notification_lately on notification (reseller_id, carrier_id, last_at);
insert into transition (machine, from_state, to_state) values
    ('notification', 'received', 'handled'),
    ('notification', 'received', 'failed');
create trigger notification_transition before update on notification
    for each row execute function tenancy.check_transition();
call tenancy.declare('notification', 'house',
    reseller => 'select, insert, update (state, keys, operations, reason, times, last_at), delete');

-- What would wake an operation early, and when it last was woken.
alter table operation add column wake_on text[] not null default '{}';
alter table operation add column woken_at timestamptz;
create index operation_waits_for on operation using gin (wake_on) where state in ('running', 'waiting') and wake_on <> '{}';
grant update (wake_on, woken_at) on operation to app_customer, app_reseller;
