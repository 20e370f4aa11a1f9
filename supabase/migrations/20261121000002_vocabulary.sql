-- What people choose from: firearm types, licences, KPIs, authentication modes. Seeded here; a person may add to it.

create table public.firearm_types (
  firearm_type_id text collate "C" primary key,
  name text not null,
  description text not null
);
comment on table public.firearm_types is 'Permissions that a scope may require: three broad ones and, within them, one for each licence.';

create table public.firearms_licenses (
  license_key text collate "C" primary key references public.firearm_types (firearm_type_id),
  category text collate "C" not null references public.firearm_types (firearm_type_id),
  description text not null
);
create index firearms_licenses_category on public.firearms_licenses (category);
comment on table public.firearms_licenses is 'A licence is a firearm type within a category; a grant of the category covers it.';

insert into public.firearm_types (firearm_type_id, name, description) values
  ('financial', 'Financial', 'Anything that spends, moves or promises money.'),
  ('communication', 'Communication', 'Anything that speaks to people outside in our name.'),
  ('system', 'System', 'Anything that changes or exposes our own systems and data.'),
  ('AD_SPEND_EXECUTE', 'Execute ad spend', 'Start, raise or redirect advertising spend.'),
  ('INVENTORY_ORDER', 'Order inventory', 'Order stock from a supplier.'),
  ('REFUND_ISSUE', 'Issue refunds', 'Give money back to a customer.'),
  ('PRICING_UPDATE', 'Update pricing', 'Change what a customer pays.'),
  ('DISCOUNT_CREATE', 'Create discounts', 'Create or widen a discount.'),
  ('CRM_BROADCAST', 'Broadcast to customers', 'Send one message to many customers.'),
  ('CLIENT_VOICE', 'Speak to a client', 'Speak or call in our name.'),
  ('SOCIAL_PUBLISH', 'Publish on social media', 'Publish where the public reads it.'),
  ('CLIENT_DM_REPLY', 'Reply to direct messages', 'Answer a client''s direct message.'),
  ('CODE_DELETE', 'Delete code', 'Delete code or its history.'),
  ('PROD_DEPLOY', 'Deploy to production', 'Change what runs in production.'),
  ('FOUNDER_HOTLINE', 'Reach the founder', 'Interrupt the founder at any hour.'),
  ('DATA_EXPORT', 'Export data', 'Take data out of our systems.');

insert into public.firearms_licenses (license_key, category, description)
select t.firearm_type_id, l.category, t.description
from (values
  ('financial', array['AD_SPEND_EXECUTE', 'INVENTORY_ORDER', 'REFUND_ISSUE', 'PRICING_UPDATE', 'DISCOUNT_CREATE']),
  ('communication', array['CRM_BROADCAST', 'CLIENT_VOICE', 'SOCIAL_PUBLISH', 'CLIENT_DM_REPLY']),
  ('system', array['CODE_DELETE', 'PROD_DEPLOY', 'FOUNDER_HOTLINE', 'DATA_EXPORT'])
) l (category, keys)
join public.firearm_types t on t.firearm_type_id = any (l.keys);

create table public.core_kpis (
  core_kpi_slug text collate "C" primary key,
  display_label text not null,
  description text not null,
  format text not null check (format in ('currency', 'ratio', 'percent')),
  calculation_logic text not null,
  window_token text not null,
  comparison_token text not null,
  estimate boolean not null,
  missing_components text[] not null,
  metadata jsonb not null,
  is_locked boolean not null default false
);
comment on table public.core_kpis is 'Where every metric leads. The six locked ones are the house''s own.';

insert into public.core_kpis values
  ('profit_after_costs', 'Profit after costs', 'What is left of net sales when goods, advertising and fees are paid.', 'currency',
   'net_sales - cost_of_goods - ad_spend - fees', 'last_30_days', 'previous_period', true,
   array['cost_of_goods', 'fees'], '{"components": ["net_sales", "cost_of_goods", "ad_spend", "fees"]}', true),
  ('mer', 'Marketing efficiency ratio', 'Net sales for each unit of money spent on advertising.', 'ratio',
   'net_sales / ad_spend', 'last_30_days', 'previous_period', false,
   array[]::text[], '{"components": ["net_sales", "ad_spend"]}', true),
  ('growth_yoy', 'Growth, year on year', 'Change of net sales against the same days of last year.', 'percent',
   '(net_sales - net_sales_last_year) / net_sales_last_year', 'last_30_days', 'same_period_last_year', false,
   array[]::text[], '{"components": ["net_sales"]}', true),
  ('discount_rate', 'Discount rate', 'Share of gross sales that was given away as discounts.', 'percent',
   'discounts / gross_sales', 'last_30_days', 'previous_period', false,
   array[]::text[], '{"components": ["discounts", "gross_sales"]}', true),
  ('returns_rate', 'Returns rate', 'Share of gross sales that came back.', 'percent',
   'returns / gross_sales', 'last_30_days', 'previous_period', false,
   array[]::text[], '{"components": ["returns", "gross_sales"]}', true),
  ('aoa', 'Average order amount', 'Net sales for each order.', 'currency',
   'net_sales / orders', 'last_30_days', 'previous_period', false,
   array[]::text[], '{"components": ["net_sales", "orders"]}', true);

create table public.generic_metrics (
  metric_slug text collate "C" primary key,
  display_label text not null,
  description text not null
);
comment on table public.generic_metrics is 'Names that platforms'' metrics are translated to; what KPIs are calculated from.';

insert into public.generic_metrics values
  ('gross_sales', 'Gross sales', 'Sales before discounts and returns.'),
  ('net_sales', 'Net sales', 'Sales after discounts and returns.'),
  ('discounts', 'Discounts', 'Money given away as discounts.'),
  ('returns', 'Returns', 'Money given back for returned goods.'),
  ('orders', 'Orders', 'Number of orders.'),
  ('cost_of_goods', 'Cost of goods', 'What the goods sold have cost.'),
  ('fees', 'Fees', 'Payment, platform and shipping fees.'),
  ('ad_spend', 'Ad spend', 'Money spent on advertising.'),
  ('impressions', 'Impressions', 'How often something was shown.'),
  ('clicks', 'Clicks', 'How often something was clicked.'),
  ('conversions', 'Conversions', 'How often a click became what was wanted.'),
  ('sessions', 'Sessions', 'Visits.');

create table public.connector_auth_modes (
  auth_mode text collate "C" primary key,
  description text not null
);
insert into public.connector_auth_modes values
  ('oauth_only', 'The user signs in at the provider.'),
  ('byok_only', 'The user brings a key.'),
  ('oauth_and_byok', 'Either of the two.');

insert into private.sentinel_migrations values ('20261121000002_vocabulary');
