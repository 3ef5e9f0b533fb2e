-- What `bench fill` adds to a store if asked to, so that the reports of all modules find something.  Numbers are those of
-- docs/bench.md.  A statement ends with a semicolon at the end of a line.

-- A source, a referrer of every tenth, key accounts.
UPDATE t_customer SET source = 1 + (id + id / 1000) % 13, referrer = CASE WHEN id % 10 = 0 THEN nullif(id / 2, 0) END,
       key_account = id % 200 = 0, outlet = id % 50 = 0, owned_at = created_at;

-- Every fourth without a class; a third with scores; half with a list price.
UPDATE t_opportunity SET offer_class = nullif(id % 4, 0), score = CASE WHEN id % 3 = 0 THEN 2000 + id % 9 * 1000 END,
       list_price = CASE WHEN id % 2 = 0 THEN amount * (100 + id % 40) / 100 END, recommended = id % 3 = 1,
       kind = CASE id % 5 WHEN 0 THEN 'renewal' WHEN 1 THEN 'expansion' ELSE 'new' END,
       planned_effort = 1 + id % 10, effect_score = CASE WHEN result = 'won' THEN 1 + id / 7 % 10 END,
       collected_on = CASE WHEN result = 'won' AND id % 3 > 0 THEN min(date($now / 1000 + 28800, 'unixepoch'), date(closed_on, '+' || id % 90 || ' days')) END,
       fits_product = nullif(id / 2 % 4, 3) > 0, fits_rep = nullif(id / 3 % 4, 3) > 0, product_fit = id % 100 * 100,
       need_due = CASE WHEN result = 'open' AND id % 3 > 0 THEN date($now / 1000 + (id % 200 - 60) * 86400, 'unixepoch') END,
       commission = CASE WHEN result = 'won' THEN amount / 50 END, effort_hours = CASE WHEN id % 2 = 0 THEN 10 + id % 200 END,
       source = coalesce(source, 1 + id % 13),
       owner_zone = CASE (owner * 7 + (customer + customer / 1000) % 10 * 3) % 16 WHEN 0 THEN 'efficient' WHEN 1 THEN 'mine' ELSE 'effective' END;

UPDATE t_customer SET first_deal_on = w.first, last_deal_on = w.last
FROM (SELECT customer, min(closed_on) AS first, max(closed_on) AS last FROM t_opportunity WHERE result = 'won' GROUP BY customer) w
WHERE w.customer = t_customer.id;

-- First contacts are an eighth.
UPDATE t_activity SET first_contact = id % 8 = 0, purpose = CASE id / 3 % 5 WHEN 0 THEN 'development' WHEN 1 THEN 'survey' WHEN 2 THEN 'collection' ELSE 'service' END,
       around = id % 97 = 0, prepared = id / 3 % 2, visit_type = CASE id / 3 % 4 WHEN 0 THEN 'cold' WHEN 1 THEN 'first' ELSE 'follow' END;

-- Zones of everybody in all four ways, 6 % efficient, 6 % minefields.
INSERT INTO t_rep_zone (version, created_at, changed_at, name, person, by, industry, region, size, source, segment, zone, computed, won, closed, rate)
WITH RECURSIVE n(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM n WHERE k < 13),
place AS (
	SELECT 'industry' AS by, k AS k, k AS segment FROM n WHERE k <= 10
	UNION ALL SELECT 'region', k, CASE k WHEN 1 THEN 11 WHEN 2 THEN 31 ELSE 44 END FROM n WHERE k <= 3
	UNION ALL SELECT 'size', k, k FROM n WHERE k <= 3
	UNION ALL SELECT 'source', k, k FROM n
)
SELECT 1, $now, $now, by || segment, m.id, by, CASE by WHEN 'industry' THEN k END, CASE by WHEN 'region' THEN CAST(segment AS TEXT) END,
       CASE by WHEN 'size' THEN CASE k WHEN 1 THEN 'small' WHEN 2 THEN 'middle' ELSE 'large' END END, CASE by WHEN 'source' THEN k END,
       by || '/' || segment, CASE (m.id * 7 + (k - 1) * 3) % 16 WHEN 0 THEN 'efficient' WHEN 1 THEN 'mine' ELSE 'effective' END,
       CASE (m.id * 7 + (k - 1) * 3) % 16 WHEN 0 THEN 'efficient' WHEN 1 THEN 'mine' ELSE 'effective' END, 20, 60, 3333
FROM t_member m CROSS JOIN place;

-- A forecast line of each deal that was open at the beginning of this month.
INSERT INTO t_forecast_line (version, created_at, changed_at, opportunity, owner, amount, probability, close_on, since, until)
SELECT 1, $now, $now, id, owner, CASE WHEN id % 3 = 0 THEN amount + 1000000 ELSE amount END, 2500,
       date($now / 1000 + 28800 + (id % 60 - 25) * 86400, 'unixepoch'), engaged_on, closed_on
FROM t_opportunity
WHERE engaged_on < substr($today, 1, 7) AND (result = 'open' OR closed_on >= substr($today, 1, 7));

-- Leads of a fifth of the deals.
INSERT INTO t_lead (version, created_at, changed_at, name, company, source, channel, campaign, last_action, state, owner, received_at, received_on,
                    first_response_at, response_minutes, converted, converted_at, customer, opportunity, region, intention, referrer)
SELECT 1, at, at, '线索' || id, '公司' || id, 1 + id / 5 % 13, CASE id / 5 % 4 WHEN 0 THEN 'phone' WHEN 1 THEN 'web' WHEN 2 THEN 'fair' ELSE 'wechat' END,
       'c' || id / 5 % 7, 'a' || id / 5 % 3, CASE WHEN id % 2 = 0 THEN 'converted' WHEN id % 3 = 0 THEN 'invalid' ELSE 'contacted' END, owner, at, date(at / 1000 + 28800, 'unixepoch'),
       at + id % 500 * 60000, id % 500, id % 2 = 0, CASE WHEN id % 2 = 0 THEN at + 86400000 END, CASE WHEN id % 2 = 0 THEN customer END,
       CASE WHEN id % 2 = 0 THEN id END, '310115', CASE id / 5 % 3 WHEN 0 THEN 'high' WHEN 1 THEN 'medium' END, CASE WHEN id % 35 = 0 THEN customer END
FROM (SELECT o.*, o.stage_entered_at - 86400000 * (id % 30) AS at FROM t_opportunity o WHERE id % 5 = 0);

-- Three details of a fifth.
INSERT INTO t_deal_item (version, created_at, changed_at, holder, name, opportunity, stage, done_on)
SELECT 1, $now, $now, o.owner, '细节' || k, o.id, k, CASE WHEN (o.id / 5 + k) % 3 > 0 THEN o.engaged_on END
FROM t_opportunity o CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3)
WHERE o.id % 5 = 1;

-- A fiftieth skipped a phase.
UPDATE t_stage SET no_skip = 1 WHERE pipeline = 1 AND position = 3;

INSERT INTO t_phase_skip (version, created_at, changed_at, holder, opportunity, stage, skipped_on, reason)
SELECT 1, $now, $now, o.owner, o.id, 3, o.engaged_on, '客户催得急' FROM t_opportunity o WHERE o.id % 50 = 0;

-- A chosen offer of each tenth deal; surveys answered by each twentieth customer who bought.
INSERT INTO t_offer (version, created_at, changed_at, holder, name, opportunity, offered_on, years, discount, net, listed, margin, chosen)
SELECT 1, $now, $now, owner, '方案' || id, id, engaged_on, 1, id % 20 * 100, amount, list_price, amount / 4, 1 FROM t_opportunity WHERE id % 10 = 0;

INSERT INTO t_survey (id, version, created_at, changed_at, name, kind) VALUES (1, 1, $now, $now, '满意度', 'satisfaction');

INSERT INTO t_survey_question (id, version, created_at, changed_at, survey, position, text, kind) VALUES (1, 1, $now, $now, 1, 1, '满意吗', 'score');

INSERT INTO t_survey_sent (version, created_at, changed_at, holder, survey, customer, sent_on, answered_on, scores, score_sum, owner)
SELECT 1, $now, $now, owner, 1, customer, closed_on, closed_on, 1, 1 + id % 10, owner FROM t_opportunity WHERE result = 'won' AND id % 20 = 0;

INSERT INTO t_survey_answer (version, created_at, changed_at, holder, sent, question, score)
SELECT 1, $now, $now, holder, id, 1, score_sum FROM t_survey_sent;

-- A complaint of each fiftieth customer within a year, a plan of care for two levels.
INSERT INTO t_complaint (version, created_at, changed_at, holder, title, customer, received_on, category, severity, facts, owner, state)
SELECT 1, $now, $now, owner, '投诉' || id, id, date($now / 1000 + 28800 - id * 7919 % 365 * 86400, 'unixepoch'), CASE id / 50 % 2 WHEN 0 THEN 'quality' ELSE 'attitude' END,
       'normal', '–', owner, 'closed' FROM t_customer WHERE id % 50 = 0;

INSERT INTO t_care_plan (version, created_at, changed_at, name, level, kind, months, active)
VALUES (1, $now, $now, '甲', 'a', 'visit', 1, 1), (1, $now, $now, '乙', 'b', 'call', 3, 1);

-- Orders of a year for a fifth of the customers, three lines each; one of eight not completed.
INSERT INTO t_sales_order (version, created_at, changed_at, number, customer, owner, state, received_at, amount, lines, promised_on, confirmed_at, confirmed_on,
                           assignee, assigned_at, accepted_at, completed_on, in_time, late_reason)
SELECT 1, $now, $now, 'B' || id, id, owner, state, confirmed - 86400000, CASE WHEN id % 2 = 0 THEN 300 ELSE 450 END * (100 + id % 900) * 100, 3, date(promised / 1000 + 28800, 'unixepoch'),
       CASE WHEN state IN ('confirmed', 'completed') THEN confirmed END, CASE WHEN state IN ('confirmed', 'completed') THEN date(confirmed / 1000 + 28800, 'unixepoch') END,
       1 + id / 5 % 100, confirmed - 80000000, CASE WHEN id / 5 % 40 > 0 THEN confirmed END,
       CASE state WHEN 'completed' THEN date(done / 1000 + 28800, 'unixepoch') END,
       CASE WHEN state = 'completed' THEN done <= promised WHEN state = 'confirmed' AND promised < $now - 86400000 THEN 0 END,
       CASE WHEN state = 'completed' AND done > promised THEN CASE id / 5 % 3 WHEN 0 THEN 'stock' WHEN 1 THEN 'production' ELSE 'transport' END END
FROM (SELECT *, CASE WHEN id / 5 % 50 = 0 THEN 'cancelled' WHEN id / 5 % 50 = 1 THEN 'received' WHEN id / 5 % 50 = 2 THEN 'verified' WHEN done > $now OR id / 5 % 25 = 3 THEN 'confirmed' ELSE 'completed' END AS state
      FROM (SELECT id, owner, confirmed, confirmed + (10 + id / 5 % 10) * 86400000 AS promised, confirmed + (4 + id / 5 % 13) * 86400000 AS done
            FROM (SELECT id, owner, $now - id * 7919 % 31536000 * 1000 AS confirmed FROM t_customer WHERE id % 5 = 2)));

INSERT INTO t_order_line (version, created_at, changed_at, holder, sales_order, product, quantity, price, discount, amount)
SELECT 1, $now, $now, o.owner, o.id, 1 + (o.id + k) % 10, 100 * k, (100 + o.id % 900) * 100, CASE o.id % 2 WHEN 0 THEN 5000 ELSE 2500 END,
       (100 + o.id % 900) * k * CASE o.id % 2 WHEN 0 THEN 50 ELSE 75 END
FROM t_sales_order o CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3);

-- Contracts of three years for a fifth of the customers, with three instalments and four milestones each.
INSERT INTO t_contract (version, created_at, changed_at, number, name, customer, owner, amount, state, signed_on, received, supplier_cost, supplier_paid, expenses, closed_on)
SELECT 1, $now, $now, 'H' || id, '合同' || id, id, owner, 3000000 + id % 977 * 300000, state, CASE WHEN state IN ('executing', 'closed') THEN date(signed / 1000 + 28800, 'unixepoch') END, 0,
       1000000 + id % 500 * 100000, 500000, id % 100 * 1000, CASE state WHEN 'closed' THEN date(signed / 1000 + 28800 + 400 * 86400, 'unixepoch') END
FROM (SELECT *, CASE WHEN id / 5 % 20 = 0 THEN 'draft' WHEN id / 5 % 20 = 1 THEN 'approved' WHEN signed < $now - 400 * 86400000 THEN 'closed' ELSE 'executing' END AS state
      FROM (SELECT id, owner, $now - id * 7919 % 94608000 * 1000 AS signed FROM t_customer WHERE id % 5 = 3));

INSERT INTO t_instalment (version, created_at, changed_at, holder, code, name, contract, seq, due_on, amount, promise_on, collector, received, state, paid_on, owner)
SELECT 1, $now, $now, owner, id || '-' || k, name || '-' || k, id, k, due, amount / 3, CASE WHEN step = 'open' AND id % 4 = 0 THEN date(due, '+15 days') END,
       1 + id % 50, CASE WHEN step = 'paid' THEN amount / 3 WHEN step = 'open' AND id % 15 = 0 THEN amount / 6 ELSE 0 END, step,
       CASE step WHEN 'paid' THEN date(due, (id % 30 - 10) || ' days') END, owner
FROM (SELECT c.id, c.owner, c.name, c.amount, k, date(coalesce(signed_on, $today), k * 120 || ' days') AS due,
             CASE WHEN c.state IN ('draft', 'approved') THEN 'planned' WHEN c.state = 'closed' THEN 'paid'
                  WHEN date(signed_on, (k * 120 + c.id % 30 - 10) || ' days') < $today AND (c.id + k) % 12 > 0 THEN 'paid' ELSE 'open' END AS step
      FROM t_contract c CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3));

INSERT INTO t_receipt (version, created_at, changed_at, holder, number, instalment, contract, received_on, amount, method, collector, owner)
SELECT 1, $now, $now, holder, 'E' || id, id, contract, coalesce(paid_on, $today), received, 'transfer', collector, owner FROM t_instalment WHERE received > 0;

UPDATE t_contract SET received = (SELECT coalesce(sum(r.amount), 0) FROM t_receipt r WHERE r.contract = t_contract.id);

INSERT INTO t_contract_milestone (version, created_at, changed_at, holder, name, contract, kind, due_on, done_on)
SELECT 1, $now, $now, owner, name || k, id, CASE k WHEN 1 THEN 'delivery' WHEN 2 THEN 'installation' WHEN 3 THEN 'commissioning' ELSE 'acceptance' END,
       date(signed_on, k * 30 || ' days'), CASE WHEN date(signed_on, (k * 30 + id % 20) || ' days') < $today AND (id + k) % 12 > 0 THEN date(signed_on, (k * 30 + id % 20) || ' days') END
FROM t_contract CROSS JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)
WHERE signed_on IS NOT NULL;

INSERT INTO t_contract_deviation (version, created_at, changed_at, holder, contract, kind, policy, agreed, reason, found_on, approved_on)
SELECT 1, $now, $now, owner, id, CASE id % 3 WHEN 0 THEN 'payment' WHEN 1 THEN 'discount' ELSE 'delivery' END, 3000, 4500, CASE id % 2 WHEN 0 THEN 'rival' ELSE 'volume' END,
       signed_on, CASE WHEN id % 7 > 0 THEN signed_on END
FROM t_contract WHERE signed_on IS NOT NULL AND id % 5 = 0;

-- A contact of every second customer; needs of a tenth, a third of them met.
INSERT INTO t_contact (version, created_at, changed_at, holder, name, customer, decision_role, influence)
SELECT 1, $now, $now, owner, '联系人' || id, id, CASE id / 2 % 3 WHEN 0 THEN 'decider' WHEN 1 THEN 'user' ELSE 'influencer' END, CASE id / 2 % 2 WHEN 0 THEN 'high' ELSE 'low' END
FROM t_customer WHERE id % 2 = 0;

INSERT INTO t_need_topic (version, created_at, changed_at, name, product, active)
SELECT 1, $now, $now, '主题' || id, id, 1 FROM t_product;

INSERT INTO t_need (version, created_at, changed_at, holder, text, customer, topic, kind, importance, source, noted_on, value, product, state, owner)
SELECT 1, $now, $now, owner, '需求' || id, id, CASE WHEN id % 7 > 0 THEN 1 + id / 10 % 10 END, CASE id / 10 % 2 WHEN 0 THEN 'explicit' ELSE 'implicit' END, 1 + id / 10 % 5,
       CASE id / 10 % 3 WHEN 0 THEN 'survey' ELSE 'talk' END, date($now / 1000 + 28800 - id * 7919 % 365 * 86400, 'unixepoch'), id % 500 * 10000, 1 + id / 10 % 10,
       CASE id / 10 % 3 WHEN 0 THEN 'met' WHEN 1 THEN 'open' ELSE 'proposed' END, owner
FROM t_customer WHERE id % 10 = 3;

-- Somebody in each fourth deal, a sheet for each tenth, every second of them rehearsed.
INSERT INTO t_stakeholder (version, created_at, changed_at, holder, opportunity, contact, role, attitude, influence, access)
SELECT 1, $now, $now, o.owner, o.id, c.id, CASE o.id / 4 % 3 WHEN 0 THEN 'decider' WHEN 1 THEN 'influencer' ELSE 'user' END, CASE o.id / 12 % 3 WHEN 0 THEN 'support' WHEN 1 THEN 'neutral' ELSE 'oppose' END,
       CASE o.id / 4 % 2 WHEN 0 THEN 'high' ELSE 'medium' END, CASE o.id / 8 % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'introduced' ELSE 'none' END
FROM t_opportunity o JOIN t_contact c ON c.customer = o.customer
WHERE o.id % 4 = 0;

INSERT INTO t_visit_sheet (version, created_at, changed_at, holder, goal, customer, opportunity, owner, role, pattern, result, willing)
SELECT 1, at, at, owner, '目标' || id, customer, id, owner, 'leader', CASE WHEN id / 10 % 6 > 0 THEN 1 + id / 10 % 4 END, CASE id / 10 % 3 WHEN 0 THEN 'yes' ELSE 'no' END, CASE id / 10 % 4 WHEN 0 THEN 'no' WHEN 1 THEN 'yes' WHEN 2 THEN 'yes' END
FROM (SELECT *, $now - id * 7919 % 31536000 * 1000 AS at FROM t_opportunity WHERE id % 10 = 5);

INSERT INTO t_rehearsal (version, created_at, changed_at, holder, sheet, held_on, with_whom)
SELECT 1, created_at, created_at, holder, id, date(created_at / 1000 + 28800, 'unixepoch'), '同事' FROM t_visit_sheet WHERE id % 2 = 0;

-- One work standard for all, one for each tenth team.
INSERT INTO t_work_standard (version, created_at, changed_at, name, valid_from, team, opening_day, follow_stock, floor_quantity, floor_quality, calls_day, visits_day)
SELECT 1, $now, $now, '标准', '2020-01-01', NULL, 20, 10, 8000, 5000, 200, 20
UNION ALL SELECT 1, $now, $now, '标准' || id, '2020-01-01', id, 30, 15, 8000, 5000, 300, 30 FROM t_team WHERE id % 10 = 3;

-- A year's target of everybody: teams, people, their months.
INSERT INTO t_target_plan (id, version, created_at, changed_at, name, metric, year, owner, edition, approval, current, approved_at)
SELECT 1, 1, $now, $now, '年度目标', 'won_amount', CAST(substr($today, 1, 4) AS INT), 1, 1, 'approved', 1, $now;

INSERT INTO t_target (id, version, created_at, changed_at, plan, parent, period, team, person, value, from_on, to_on, home, path, owner)
WITH RECURSIVE month(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM month WHERE k < 12),
this AS (SELECT substr($today, 1, 4) AS year), company AS (SELECT id, leader FROM t_team WHERE name = 'company'), part AS (SELECT * FROM t_team WHERE name LIKE 'team%')
SELECT 1, 1, $now, $now, 1, NULL, year, c.id, NULL, (SELECT count(*) FROM t_member) * 24000000000, year || '-01-01', year || '-12-31', NULL, NULL, c.leader FROM this, company c
UNION ALL SELECT 10 + t.id, 1, $now, $now, 1, 1, year, t.id, NULL, 20 * 24000000000, year || '-01-01', year || '-12-31', NULL, '/1/', t.leader FROM this, part t
UNION ALL SELECT 10000 + m.id, 1, $now, $now, 1, 10 + t.id, year, NULL, m.id, 24000000000, year || '-01-01', year || '-12-31', t.id, '/1/' || (10 + t.id) || '/', m.id FROM this, part t JOIN t_member m ON m.team = t.id
UNION ALL SELECT 100000 + m.id * 12 + k, 1, $now, $now, 1, 10000 + m.id, year || '-' || substr('0' || k, -2), NULL, m.id, 2000000000, year || '-' || substr('0' || k, -2) || '-01',
       date(year || '-' || substr('0' || k, -2) || '-01', '+1 month', '-1 day'), t.id, '/1/' || (10 + t.id) || '/' || (10000 + m.id) || '/', m.id FROM this, month, part t JOIN t_member m ON m.team = t.id;
