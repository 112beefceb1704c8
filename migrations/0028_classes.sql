-- A release is held to the limits that it was uploaded for: hosts have to know them when they load it again. The release
-- before knows light ones alone, and loads a heavy one within light limits, where it is refused.
alter table release add column class text not null default 'light';
alter table release add constraint release_class check (class in ('light', 'heavy'));
