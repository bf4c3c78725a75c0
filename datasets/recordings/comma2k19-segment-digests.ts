/** SHA-256 of the published files of the example segment that are read, by their place in it. */
export const COMMA2K19_SHA256: Readonly<Record<string, string>> = {
  'global_pose/frame_gps_times': 'e275dc136ac742a58191ca58b103e5361246197a241647bc07b1f928395fc5b4',
  'global_pose/frame_orientations': '0eee212a8a1e6cc79978d84217aba068bd3ab9f441a6c1eebb51052ba698d1bb',
  'global_pose/frame_positions': '85864c9632030f5b6f0a6a8a78f2c9079e7555725d38a28ae029ed5dd4fc9057',
  'global_pose/frame_times': '2bec8428f9302b30a7edef3b86de0bc797c77e6964f404b3d982af1ce4dfcb5d',
  'global_pose/frame_velocities': '2e2a3b5d222153b440db70b34ea91e4f0eda661d4b139f16d7b057754cd978c2',
  'processed_log/CAN/radar/t': 'b41517d6f7081b389b9726208d1b100f052f80ea28fd589562067c53fbb7d3db',
  'processed_log/CAN/radar/value': '4f4dddddf2a890aa4bb8acb83e3523327d3c9c1e6f327ac936754beabca4b6f9',
  'processed_log/CAN/speed/t': '53d2a88becfc45f9dcb804f2f78436f2bb6246d80386ff18ded10af679d5d6f3',
  'processed_log/CAN/speed/value': 'ba40ded2c9d2a6d5f98801f5438d0cb5d811ccf1444e3a3f680d7addb707551f',
  'processed_log/CAN/steering_angle/t': 'eb489c74b52cebccd30b803860d70aaafc44801a44b93e72585d602a982dbfc7',
  'processed_log/CAN/steering_angle/value':
    '6af86fe2fce790c6d3a51d512c625e4766699f473ec13207ea043c08d83a6bea',
  'processed_log/CAN/wheel_speed/t': '53d2a88becfc45f9dcb804f2f78436f2bb6246d80386ff18ded10af679d5d6f3',
  'processed_log/CAN/wheel_speed/value': '021dd8d0ac5029b34d3d2ddfc53c2654944baf57da4cb45d7ac4b0f995c69d2f',
  'processed_log/GNSS/live_gnss_qcom/t': 'b6235345d9e056975660a6f8bba19281d2e3a3f40f614a3df9cd319bd7ab528b',
  'processed_log/GNSS/live_gnss_qcom/value':
    '1b544d6597976d494c40bddcbc36fc3020f7b00611dee7f4ba452200db0ea428',
  'processed_log/GNSS/live_gnss_ublox/t': '238794a8b336a9dc69e6787116d6e8fe4ce9013e4f454ca2bcde010b43011e95',
  'processed_log/GNSS/live_gnss_ublox/value':
    '1136d8819a640d482c06ed6460efdb84a625ddf765ed581b1cf28f030dabfff3',
  'processed_log/IMU/accelerometer/t': '9df28fe965d5936bb91a020b688e35304ee4b823e388cb814d077b1f934a8558',
  'processed_log/IMU/accelerometer/value': '313949234c212c4f02b0a7c5f1c14173ac2b4dac50297782f50dc4e43fc9579b',
  'processed_log/IMU/gyro/t': '9df28fe965d5936bb91a020b688e35304ee4b823e388cb814d077b1f934a8558',
  'processed_log/IMU/gyro/value': '7af1d2f8b2ec8b78a0af59dde3a3e40bf8a8d425fb0c96a7fc71cadc0830b50c',
  'processed_log/IMU/gyro_bias/t': '9df28fe965d5936bb91a020b688e35304ee4b823e388cb814d077b1f934a8558',
  'processed_log/IMU/gyro_bias/value': '1c3dce954b63d437c16c76d7c1df91ea4c8c58fb8edcc06e5c3de5cee35d9859',
  'processed_log/IMU/gyro_uncalibrated/t': '9df28fe965d5936bb91a020b688e35304ee4b823e388cb814d077b1f934a8558',
  'processed_log/IMU/gyro_uncalibrated/value':
    '7f0020194f66c06922d3b34890407db3790da5a83a6e6c9c0b0f01d8f19e279c',
  'processed_log/IMU/magnetometer/t': '6dd128290581bbd86f6998eb4fc4590c7e1300dab9eafc938ccd72a100b34bbb',
  'processed_log/IMU/magnetometer/value': '3561b468184a4ae695f7fc1e11c96d1032e5bb725b85b29cc05fcbd943ffc901',
  'processed_log/IMU/magnetometer_uncalibrated/t':
    '6dd128290581bbd86f6998eb4fc4590c7e1300dab9eafc938ccd72a100b34bbb',
  'processed_log/IMU/magnetometer_uncalibrated/value':
    '93db4146db941251fc6c8c8cde4351140e7b8b053e906afc010e0830afc6cbc9',
};
