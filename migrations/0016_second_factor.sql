-- A second thing that shows who a person is: codes that a device makes, and codes on paper for when it is lost. Both
-- belong to the person, who is in no tenant, so only the entrance reaches them.

create table second_factor (
    user_id uuid primary key references user_account (id),
    -- What the device makes its codes from, sealed for this person.
    sealed bytea not null,
    started_at timestamptz not null,
    -- Since when a code is asked for: not before the device showed one.
    confirmed_at timestamptz,
    -- The latest step of time whose code was accepted. Codes of it and of earlier ones are used up.
    last_step bigint not null default 0
);
call tenancy.declare('second_factor', 'platform', 'belongs to a person, not to a tenant; only the entrance reads it',
    entrance => 'select, insert, update, delete');

create table recovery_code (
    user_id uuid not null references second_factor (user_id),
    -- A keyed hash.
    code_hash bytea not null,
    made_at timestamptz not null,
    used_at timestamptz,
    constraint recovery_code_pkey primary key (user_id, code_hash)
);
call tenancy.declare('recovery_code', 'platform', 'belongs to a person, not to a tenant; only the entrance reads it',
    entrance => 'select, insert, update, delete');
