-- An order tells its adapter which speed stays once it is done: some carriers sell that in another way than what is for a
-- while. Absent in operations from before, and in those that order nothing.
alter table operation add column base_mbps integer;
