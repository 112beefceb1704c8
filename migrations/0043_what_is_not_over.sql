-- An index of what comes and goes is empty when statistics are taken and long when they are wrong: to PostgreSQL it then looks
-- better than the key of the one row that is asked for, and a hundred thousand that wait are read through for it. So the
-- condition of such an index is one that only those queries state which are meant to read it, and of the indexes with the
-- same condition each has an order that no other has, which its queries ask for.

alter table job add column not_over boolean not null generated always as (state in ('waiting', 'running')) stored;
alter table job add constraint job_leased check ((leased_until is not null) = (state = 'running'));
drop index job_once;
create unique index job_once on job (reseller_id, kind, subject_id) where not_over;
drop index job_leased;
create index job_under_way on job (leased_until) where leased_until is not null;
drop index job_of_tenant;
create index job_of_tenant on job (tenant_id, virtual_time desc, id) where state = 'waiting' and virtual_time is not null;
drop index job_of_lane;
create index job_of_lane on job (tenant_id, lane, virtual_time, id desc) where state = 'waiting' and virtual_time is not null;

alter table operation add column not_over boolean not null generated always as (state in ('running', 'waiting')) stored;
drop index operation_not_over;
create index operation_not_over on operation (reseller_id, tenant_id) where not_over;
-- Led by the port: an operation that is asked for by its id is not looked for here.
drop index operation_of_resellers_port;
create index operation_of_resellers_port on operation (port_id, reseller_id, id);
