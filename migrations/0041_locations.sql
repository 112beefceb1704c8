-- What a carrier has room for at a location: the windows booked there never add up to more, whoever books them.

create table location (
    reseller_id uuid not null,
    tenant_id uuid not null,
    id uuid not null,
    carrier_id uuid not null,
    name text not null,
    -- What windows may have together at any instant; null: as much as anybody likes.
    capacity_mbps integer,
    created_at timestamptz not null,
    changed_at timestamptz not null,
    constraint location_pkey primary key (reseller_id, id),
    constraint location_tenant foreign key (reseller_id, tenant_id) references tenant (reseller_id, tenant_id),
    constraint location_carrier foreign key (reseller_id, carrier_id) references carrier (reseller_id, id),
    -- A port is at a location of its own carrier.
    constraint location_of_carrier unique (reseller_id, carrier_id, id),
    constraint location_name_unique unique (reseller_id, carrier_id, name),
    constraint location_capacity_mbps check (capacity_mbps >= 0)
);
create index location_of_tenant on location (tenant_id);
call tenancy.declare('location', 'house', reseller => 'select, insert, update (name, capacity_mbps, changed_at)');

alter table port add column location_id uuid;
alter table port add constraint port_location foreign key (reseller_id, carrier_id, location_id)
    references location (reseller_id, carrier_id, id);
create index port_at_location on port (reseller_id, location_id) where location_id is not null;
grant update (location_id) on port to app_reseller;

-- A window's place is where its port was when it was booked.
alter table bandwidth_change add column location_id uuid;
alter table bandwidth_change add constraint bandwidth_change_location foreign key (reseller_id, location_id)
    references location (reseller_id, id);
create index bandwidth_change_at_location on bandwidth_change (reseller_id, location_id, ends_at) where location_id is not null;

-- Customers cannot see each other's windows, so how much room there is has to be told by somebody who can: the tables' owner,
-- of the reseller that the transaction is for, and of nobody where it is for none.
create policy location_room on location for select to current_user
    using (reseller_id = nullif(current_setting('app.reseller_id', true), '')::uuid);
create policy bandwidth_change_room on bandwidth_change for select to current_user
    using (reseller_id = nullif(current_setting('app.reseller_id', true), '')::uuid);

-- What is free at a location from each of these instants on, without saying whose the rest is; no row where it has no limit.
-- Not stable: who waited for the location's lock must see what was booked meanwhile.
create function tenancy.location_room(location uuid, since timestamptz, until timestamptz)
    returns table (at timestamptz, free_mbps bigint)
    language sql volatile security definer set search_path = public, pg_temp
    as $$
    with place as (
        select id, capacity_mbps
        from location
        where id = $1 and reseller_id = nullif(current_setting('app.reseller_id', true), '')::uuid
            and capacity_mbps is not null
    ), booked as (
        select greatest(starts_at, $2) as starts_at, least(ends_at, $3) as ends_at, mbps
        from bandwidth_change, place
        where reseller_id = nullif(current_setting('app.reseller_id', true), '')::uuid
            and location_id = place.id
            and kind = 'window'
            and state not in ('rejected', 'cancelled', 'expired', 'failed', 'reverted')
            and ends_at > $2 and starts_at < $3
    ), edge as (
        select $2 as at, 0 as mbps from place
        union all select starts_at, mbps from booked
        union all select ends_at, -mbps from booked
    )
    select edge.at, (select capacity_mbps from place) - sum(sum(edge.mbps)) over (order by edge.at)
    from edge
    group by edge.at
    order by edge.at
    $$;
revoke execute on function tenancy.location_room from public;
grant execute on function tenancy.location_room to app_customer, app_reseller;

-- Who books at a location waits for whoever does.
create function tenancy.hold_location(location uuid) returns void
    language sql
    as $$ select pg_advisory_xact_lock(hashtextextended(location::text, 41)) $$;

create function tenancy.place_window() returns trigger
language plpgsql as $$
begin
    -- An archive says where its windows were.
    if current_user <> 'app_loader' then
        new.location_id := (
            select location_id from port
            where reseller_id = new.reseller_id and tenant_id = new.tenant_id and id = new.port_id);
    end if;
    return new;
end $$;
create trigger bandwidth_change_placed before insert on bandwidth_change
    for each row when (new.kind = 'window') execute function tenancy.place_window();

create function tenancy.refuse_without_room() returns trigger
language plpgsql as $$
declare
    place uuid;
    since timestamptz;
    until timestamptz;
begin
    -- What an archive has was booked once, perhaps before its location had less room.
    if current_user = 'app_loader' then
        return null;
    end if;
    if tg_table_name = 'location' then
        place := new.id; since := new.changed_at; until := 'infinity';
    else
        place := new.location_id; since := new.starts_at; until := new.ends_at;
    end if;
    perform tenancy.hold_location(place);
    if exists (select from tenancy.location_room(place, since, until) where free_mbps < 0) then
        raise exception 'location % has no room', place
            using errcode = 'check_violation', constraint = tg_name;
    end if;
    return null;
end $$;
create constraint trigger location_has_room after insert on bandwidth_change
    for each row when (new.location_id is not null) execute function tenancy.refuse_without_room();
create constraint trigger location_keeps_room after update on location
    for each row when (new.capacity_mbps is distinct from old.capacity_mbps) execute function tenancy.refuse_without_room();
