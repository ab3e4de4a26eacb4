SELECT
  `t1`.`place_adcode`,
  COUNT(DISTINCT `t1`.`party`) AS `party_count`,
  COUNT(*) AS `contract_count`
FROM (
  SELECT
    CASE
      WHEN `t0`.`seller_adcode` IN ('530102', '530111')
      THEN '530100'
      WHEN `t0`.`seller_adcode` IN ('532302', '532331')
      THEN '532300'
      ELSE `t0`.`seller_adcode`
    END AS `place_adcode`,
    `t0`.`seller_name` AS `party`
  FROM `contracts` AS `t0`
  WHERE
    `t0`.`contract_status` <> 'cancelled'
) AS `t1`
GROUP BY
  1
