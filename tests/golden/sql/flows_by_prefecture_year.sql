SELECT
  "t3"."seller_place_adcode",
  "t3"."buyer_place_adcode",
  "t3"."signed_year",
  CAST(SUM("t3"."contract_count") AS DECIMAL(38, 0)) AS "contract_count",
  CAST(SUM("t3"."contract_value_fen") AS DECIMAL(38, 0)) AS "contract_value_fen",
  CAST(SUM("t3"."technology_value_fen") AS DECIMAL(38, 0)) AS "technology_value_fen"
FROM (
  SELECT
    "t2"."seller_adcode",
    "t2"."buyer_adcode",
    "t2"."signed_year",
    "t2"."contract_count",
    "t2"."contract_value_fen",
    "t2"."technology_value_fen",
    CASE
      WHEN "t2"."seller_adcode" IN ('530102', '530111')
      THEN '530100'
      WHEN "t2"."seller_adcode" IN ('532302', '532331')
      THEN '532300'
      ELSE "t2"."seller_adcode"
    END AS "seller_place_adcode",
    CASE
      WHEN "t2"."buyer_adcode" IN ('530102', '530111')
      THEN '530100'
      WHEN "t2"."buyer_adcode" IN ('532302', '532331')
      THEN '532300'
      ELSE "t2"."buyer_adcode"
    END AS "buyer_place_adcode"
  FROM (
    SELECT
      "t1"."seller_adcode",
      "t1"."buyer_adcode",
      "t1"."signed_year",
      COUNT(*) AS "contract_count",
      SUM("t1"."contract_value_fen") AS "contract_value_fen",
      SUM("t1"."technology_value_fen") AS "technology_value_fen"
    FROM (
      SELECT
        *
      FROM "contracts" AS "t0"
      WHERE
        "t0"."contract_status" <> 'cancelled'
    ) AS "t1"
    GROUP BY
      1,
      2,
      3
  ) AS "t2"
) AS "t3"
GROUP BY
  1,
  2,
  3
