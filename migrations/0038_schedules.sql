-- Changes that keep their place before they are booked, and windows that come again.

-- A held change is quoted: it has its place and its price until somebody books it, or nobody does in time.
alter table bandwidth_change add column held_until timestamptz;
alter table bandwidth_change add constraint bandwidth_change_held check (state <> 'quoted' or held_until is not null);
insert into transition (machine, from_state, to_state) values
    ('bandwidth_change', 'quoted', 'cancelled');

-- Windows that come again: a schedule books the ordinary windows of the next weeks, each with its own quote, and keeps what
-- it left out and why.

create table schedule (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    port_id uuid not null,
    mbps integer not null,
    days text[] not null,
    -- The clocks of a zone, or none of the three for the tenant's business hours.
    from_time time,
    to_time time,
    time_zone text,
    starts_on date not null,
    ends_on date,
    skips_holidays boolean not null,
    -- What one window may cost at most.
    amount_max numeric(24, 9),
    state text not null,
    -- Why the host ended it.
    reason text,
    -- Counts how often it was made anew. Windows of an older version that had not begun are withdrawn.
    version integer not null default 1,
    -- What begins before then is booked, or left out.
    planned_until timestamptz not null,
    initiated_by_kind text not null,
    initiated_by uuid not null,
    created_at timestamptz not null,
    constraint schedule_pkey primary key (reseller_id, id),
    constraint schedule_of_tenant unique (reseller_id, tenant_id, id),
    constraint schedule_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint schedule_port foreign key (reseller_id, tenant_id, port_id) references port (reseller_id, tenant_id, id),
    constraint schedule_mbps check (mbps >= 0),
    constraint schedule_days check (cardinality(days) between 1 and 7
        and days <@ array['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday']),
    constraint schedule_hours check (num_nulls(from_time, to_time, time_zone) in (0, 3)),
    constraint schedule_state check (state in ('active', 'cancelled', 'ended'))
);
create index schedule_of_port on schedule (tenant_id, port_id, id);
create index schedule_listed on schedule (tenant_id, id);
insert into transition (machine, from_state, to_state) values
    ('schedule', 'active', 'cancelled'),
    ('schedule', 'active', 'ended');
create trigger schedule_transition before update on schedule
    for each row execute function tenancy.check_transition();
call tenancy.declare('schedule', 'own',
    customer => 'select, insert, update (mbps, days, from_time, to_time, time_zone, starts_on, ends_on, skips_holidays, '
                'amount_max, state, reason, version, planned_until, initiated_by_kind, initiated_by)',
    reseller => 'select, insert, update (mbps, days, from_time, to_time, time_zone, starts_on, ends_on, skips_holidays, '
                'amount_max, state, reason, version, planned_until, initiated_by_kind, initiated_by)');

-- A time at which a schedule has a window: booked, or left out with the rule that said no.
create table schedule_occurrence (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    schedule_id uuid not null,
    version integer not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    change_id uuid,
    left_out_code text,
    left_out_because text,
    constraint schedule_occurrence_pkey primary key (reseller_id, id),
    constraint schedule_occurrence_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint schedule_occurrence_schedule foreign key (reseller_id, tenant_id, schedule_id)
        references schedule (reseller_id, tenant_id, id),
    constraint schedule_occurrence_change foreign key (reseller_id, tenant_id, change_id)
        references bandwidth_change (reseller_id, tenant_id, id),
    -- Whoever plans a stretch of time a second time is refused.
    constraint schedule_occurrence_once unique (reseller_id, schedule_id, version, starts_at),
    constraint schedule_occurrence_comes check (
        num_nulls(left_out_code, left_out_because) in (0, 2) and (change_id is null) = (left_out_code is not null))
);
create index schedule_occurrence_listed on schedule_occurrence (tenant_id, schedule_id, id);
create index schedule_occurrence_of_change on schedule_occurrence (reseller_id, change_id) where change_id is not null;
call tenancy.declare('schedule_occurrence', 'own',
    customer => 'select, insert, update (change_id)', reseller => 'select, insert, update (change_id)');
