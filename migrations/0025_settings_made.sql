-- Which settings somebody of a house ever made: whoever shows something under its tenant's words asks this in its own query,
-- and reads no settings where there are none. Seen with the rights of whoever asks.

create view setting_made with (security_invoker = true) as
    select reseller_id, key from setting
    union all
    select reseller_id, key from customer_setting;
grant select on setting_made to app_customer, app_reseller;
