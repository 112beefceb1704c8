-- One carrier that does not answer must not hold everything: caps on what is under way at once, a breaker for each carrier
-- that all hosts share, and a second go for what was set aside or given up.

-- What a job waits for outside of the house and has a cap of its own: a carrier. Nil for everything else.
alter table job add column lane uuid not null default '00000000-0000-0000-0000-000000000000';
create index job_of_lane on job (tenant_id, lane, virtual_time, id) where state = 'waiting' and virtual_time is not null;
grant update (lane) on job to app_customer, app_reseller;
grant select (lane) on job to app_worker;

-- Whether requests to a carrier are held back. Without a row nothing is: it has not failed yet.
create table breaker (
    reseller_id uuid not null,
    tenant_id uuid not null,
    carrier_id uuid not null,
    -- In a row.
    failures integer not null,
    -- What the last failure was.
    reason text,
    -- Null while it is closed.
    opened_at timestamptz,
    -- From then on one operation at a time sees whether the carrier is back.
    probe_at timestamptz,
    changed_at timestamptz not null,
    constraint breaker_pkey primary key (reseller_id, carrier_id),
    constraint breaker_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint breaker_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    constraint breaker_failures check (failures >= 0),
    constraint breaker_open check ((opened_at is null) = (probe_at is null))
);
create index breaker_of_tenant on breaker (tenant_id);
create index breaker_held on breaker (probe_at) where probe_at is not null;
call tenancy.declare('breaker', 'house',
    reseller => 'select', house => 'select, insert, update (failures, reason, opened_at, probe_at, changed_at)',
    worker => 'select (reseller_id, carrier_id, probe_at)');

-- How much of one queue may be under way at once, for the queue's own queries: of the reseller with all its customers, of
-- the tenant alone, and of the lane. What a cap comes from is not the queue's business. The names and the values where
-- nobody said anything are the code's.
call tenancy.admit('limit_lowered', 'app_worker', 'select', 'true');

-- In plpgsql, which keeps plans from call to call: a claim asks for each queue that it looks at.
create function tenancy.limit_of(reseller uuid, tenant uuid, named text, in_plan text, otherwise bigint) returns bigint
language plpgsql stable as $$
begin
    return least(
        coalesce(
            (select value from limit_override where reseller_id = reseller and tenant_id = tenant and name = named),
            (select value from limit_override where reseller_id = reseller and tenant_id = reseller and name = in_plan),
            (select (limits ->> in_plan)::bigint from plan where name = coalesce(
                (select reseller_plan.plan from reseller_plan where reseller_id = reseller and tenant_id = reseller), 'standard')),
            otherwise),
        (select value from limit_lowered where reseller_id = reseller and tenant_id = tenant and name = named));
end $$;

create function tenancy.queue_caps(
    reseller uuid, tenant uuid, lane uuid, at timestamptz, of_house bigint, of_tenant bigint, of_lane bigint,
    out house_cap bigint, out tenant_cap bigint, out lane_cap bigint)
language plpgsql stable as $$
begin
    house_cap := tenancy.limit_of(reseller, reseller, 'jobs_at_once', 'jobs_at_once', of_house);
    tenant_cap := house_cap;
    if tenant <> reseller then
        tenant_cap := tenancy.limit_of(reseller, tenant, 'jobs_at_once', 'customer_jobs_at_once', of_tenant);
    end if;
    lane_cap := (select case when probe_at > at then 0 else 1 end
        from breaker
        where reseller_id = reseller and carrier_id = lane and probe_at is not null);
    if lane_cap is null then
        lane_cap := tenancy.limit_of(
            reseller, reseller, 'carrier_operations_at_once', 'carrier_operations_at_once', of_lane);
    end if;
end $$;

-- When the next carrier may be tried again that is held back now.
create function tenancy.next_probe(at timestamptz) returns timestamptz
language sql stable as $$
    select min(probe_at) from breaker where probe_at > at
$$;

-- What was set aside waits again, or is let be.
grant update (state, attempts, last_error) on job to app_reseller;
insert into transition (machine, from_state, to_state) values ('job', 'dead', 'done');

-- What was settled can happen again.
insert into transition (machine, from_state, to_state) values ('alert', 'resolved', 'open');
grant update (text, port_id, raised_at, acknowledged_at, acknowledged_by_kind, acknowledged_by) on alert to app_customer, app_reseller;
alter table alert drop constraint alert_kind;
alter table alert add constraint alert_kind check (kind in ('return_leg', 'operation', 'activation', 'carrier'));

-- When a person had an operation taken up again that was given up: the last request may then be repeated once.
alter table operation add column retried_at timestamptz;
insert into transition (machine, from_state, to_state) values
    ('bandwidth_change', 'indeterminate', 'applying');
grant update (retried_at) on operation to app_reseller, app_customer;
