# Where the image is made, with options that Packer 1.6 does not know. The tests bake with a source of their own
# (test/image/source.pkr.hcl) and compare the two.
source "amazon-ebs" "gateway" {
  ami_name        = local.image_name
  ami_description = local.description
  region          = var.region
  source_ami      = var.source_image
  # The filter would also narrow down an image that was named.
  dynamic "source_ami_filter" {
    for_each = var.source_image == "" ? [local.base] : []
    content {
      owners      = source_ami_filter.value.owners
      most_recent = true
      filters = {
        name                = source_ami_filter.value.image_name
        architecture        = var.architecture
        virtualization-type = "hvm"
        root-device-type    = "ebs"
      }
    }
  }

  instance_type               = local.build_instance_type
  vpc_id                      = var.vpc
  subnet_id                   = var.subnet
  iam_instance_profile        = var.build_profile
  associate_public_ip_address = var.transport == "public_ip"
  shutdown_behavior           = "terminate"

  communicator              = "ssh"
  ssh_interface             = var.transport
  ssh_username              = local.base.user
  ssh_timeout               = "10m"
  ssh_clear_authorized_keys = true
  temporary_key_pair_type   = "ed25519"

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }
  imds_support = "v2.0"

  launch_block_device_mappings {
    device_name           = "/dev/xvda"
    volume_type           = "gp3"
    iops                  = 3000
    throughput            = 125
    volume_size           = var.volume_size
    encrypted             = true
    kms_key_id            = var.volume_key
    delete_on_termination = true
  }
  encrypt_boot       = true
  kms_key_id         = var.volume_key
  region_kms_key_ids = var.copy_to

  ami_users       = var.share_with
  snapshot_users  = var.share_with
  ami_regions     = keys(var.copy_to)
  deprecate_at    = local.deprecate_at
  tags            = local.image_tags
  snapshot_tags   = local.image_tags
  run_tags        = local.build_tags
  run_volume_tags = local.build_tags
}
