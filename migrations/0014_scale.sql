-- What plans at a million rows showed missing: a reseller asks by port or membership without naming the customer, and no
-- index led it there.

create index observation_of_resellers_port on observation (reseller_id, port_id, observed_at desc, id desc);
create index bandwidth_change_of_resellers_port on bandwidth_change (reseller_id, port_id, starts_at);
create index return_leg_of_resellers_port on return_leg (reseller_id, port_id, due_at);
create index operation_of_resellers_port on operation (reseller_id, port_id, id);
create index charge_of_resellers_port on charge (reseller_id, port_id, id);
create index membership_role_of_resellers_membership on membership_role (reseller_id, membership_id);
create index job_dead on job (reseller_id, id) where state = 'dead';
