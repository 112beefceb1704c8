-- An index of arrays is of no use under row-level security: PostgreSQL looks into no array before it knows whose row it is. So
-- those that wait for anything at a carrier are found, and their keys compared.
drop index operation_waits_for;
create index operation_waits_for on operation (reseller_id, carrier_id) where not_over and wake_on <> '{}';
