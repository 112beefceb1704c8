-- What there is to know of a plugin's call afterwards: what was asked, what came of it and what the plugin printed, so that
-- the call can be made again. It may name people, so it lies sealed under the reseller's key, and goes with its run.

alter table plugin_run
    -- Null for calls of a component that is no release yet.
    add column release_id uuid,
    -- Null where there was no answer.
    add column output_hash bytea,
    -- Which build of the sandbox ran it.
    add column build text not null default '',
    -- Whether question and answer are kept, or why not.
    add column keeping text not null default 'not_sampled',
    -- The fixture, sealed.
    add column kept bytea,
    -- What the plugin printed, sealed; null for nothing.
    add column log bytea,
    -- The run whose question this one was asked again.
    add column replay_of uuid,
    add constraint plugin_run_release foreign key (reseller_id, release_id) references release (reseller_id, id),
    add constraint plugin_run_replay foreign key (reseller_id, replay_of) references plugin_run (reseller_id, id)
        on delete set null (replay_of),
    add constraint plugin_run_keeping check (keeping in ('kept', 'not_sampled', 'too_large', 'secret')),
    add constraint plugin_run_kept check ((kept is not null) = (keeping = 'kept'));
-- What is sealed does not get any smaller.
alter table plugin_run alter column kept set storage external;
alter table plugin_run alter column log set storage external;
create index plugin_run_of_release on plugin_run (reseller_id, release_id, id);
create index plugin_run_of_customer on plugin_run (reseller_id, for_tenant_id, id);
create index plugin_run_of_replayed on plugin_run (reseller_id, replay_of) where replay_of is not null;
create index plugin_run_failed on plugin_run (reseller_id, outcome, id) where outcome <> 'answered';
grant delete on plugin_run to app_reseller;

-- How many answered calls are kept is read where the call is recorded, which may be a customer's.
call tenancy.admit('setting', 'app_house', 'select (reseller_id, tenant_id, key, value, version, changed_at)',
    'reseller_id = nullif(current_setting(''app.reseller_id'', true), '''')::uuid');
call tenancy.admit('customer_setting', 'app_house', 'select (reseller_id, tenant_id, key, value, version, changed_at)',
    'reseller_id = nullif(current_setting(''app.reseller_id'', true), '''')::uuid');

-- Before this nobody noted whose code it was but by its digest.
alter table plugin_run no force row level security;
alter table release no force row level security;
update plugin_run as r
set release_id = (
    select id from release where release.reseller_id = r.reseller_id and release.digest = r.digest order by created_at limit 1);
alter table plugin_run force row level security;
alter table release force row level security;
