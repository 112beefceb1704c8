-- People see where they are signed in and since when a session was not used; roles are changed and taken away.

alter table session add column last_seen_at timestamptz;
grant select (last_seen_at) on session to app_customer, app_reseller;
grant update (last_seen_at) on session to app_entrance;
create index session_of_user on session (user_id, reseller_id, id) where ended_at is null;
create index session_open on session (reseller_id, tenant_id, id) where ended_at is null;
create index session_of_reseller_open on session (reseller_id, id) where ended_at is null;

alter table role
    -- Rises with every change, for edits that must not undo somebody else's.
    add column version integer not null default 1,
    -- Invitations that were accepted still name a role that is gone.
    add column removed_at timestamptz;
alter table role drop constraint role_name_unique;
create unique index role_name_unique on role (tenant_id, name) where removed_at is null;
grant update (name, version, removed_at) on role to app_customer, app_reseller;
